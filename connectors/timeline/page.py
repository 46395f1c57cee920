"""From one walk along a timeline to a Page: the posts, their boosters, and the disappeared posts. Pure."""

from __future__ import annotations

from connectors.contract import Page, Person, Post
from connectors.contract.origin import is_at
from connectors.timeline.cursor import Cursor, write_cursor
from connectors.timeline.entries import Entry
from connectors.timeline.walk import NewEntries


def page_of(new: NewEntries, before: Cursor, origin: str) -> Page:
    """The entries as a Page; an unreadable one is counted and affects no other.

    `origin` is that of the answering server, which ends its own posts if it lists them as not public. `to_recheck` are
    refs of posts that have disappeared from the newest page; a boost among them is `missing` at once.
    """
    posts: dict[str, Post] = {}
    refs: dict[str, str] = {}
    boosts: dict[str, Person | None] = {}
    unshown: list[Entry] = []
    unmatched: list[str] = []
    for entry in new.entries:
        if entry.post is None:
            unshown.append(entry)
            continue
        key = entry.key
        posts[key], refs[key] = entry.post, entry.ref
        booster = entry.booster
        boosts[key] = booster if boosts.get(key, booster) else None  # also listed as itself: not a boost
        unmatched += [] if entry.matches else [key]
    ends = {entry.key: entry.ended for entry in unshown if entry.key and entry.id in before.known}
    ends = {key: ended for key, ended in ends.items() if key not in posts}
    gone = tuple(key for key, ended in ends.items() if ended and is_at(origin, key))
    undone = [key for id_ in new.lost if id_ in before.boosts for key in before.boosts[id_][1:]]
    missing = [*(key for key in ends if key not in gone), *(key for key in undone if key not in posts)]
    return Page(
        posts=tuple(posts.values()),
        gone=gone,
        missing=tuple(dict.fromkeys(missing)),
        unmatched=tuple(dict.fromkeys(unmatched)),
        cursor=write_cursor(new.position),
        refs=refs,
        boosts={key: booster for key, booster in boosts.items() if booster},
        broken=new.broken,
        to_recheck=tuple(id_ for id_ in new.lost if id_ not in before.boosts),
    )
