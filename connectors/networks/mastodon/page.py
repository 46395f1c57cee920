"""From one walk along a timeline to a Page: the posts, their boosters, and the disappeared posts. Pure."""

from __future__ import annotations

from connectors.contract import Page, Person, Post
from connectors.networks.mastodon.cursor import Cursor, write_cursor
from connectors.networks.mastodon.matching import Matching
from connectors.networks.mastodon.timeline import NewStatuses


def write_ref(server: str, id_: str) -> str:
    """The ref of a post: its id, after the server's origin if that is not the source's own."""
    return f"{server} {id_}" if server else id_


def page_of(new: NewStatuses, before: Cursor, matching: Matching) -> Page:
    """The statuses as a Page; an unreadable one is counted and affects no other.

    `to_recheck` are refs of posts that have disappeared from the newest page. A boost among them is `missing` at once:
    undone or deleted, this source no longer shows it.
    """
    posts: dict[str, Post] = {}
    refs: dict[str, str] = {}
    boosts: dict[str, Person | None] = {}
    unmatched: list[str] = []
    for status in new.statuses:
        if status.post is None or not matching.is_wanted(status):
            continue
        posts[status.key], refs[status.key] = status.post, write_ref(new.position.server, status.ref)
        booster = status.booster
        boosts[status.key] = booster if boosts.get(status.key, booster) else None  # also listed as itself: not a boost
        if matching.is_unmatched(status):
            unmatched.append(status.key)
    undone = [before.boosts[id_] for id_ in new.lost if id_ in before.boosts]
    lost = [before.boosts[id_][0] if id_ in before.boosts else id_ for id_ in new.lost]
    return Page(
        posts=tuple(posts.values()),
        missing=tuple(dict.fromkeys(key for _, key in undone if key not in posts)),
        unmatched=tuple(dict.fromkeys(unmatched)),
        cursor=write_cursor(new.position),
        more=new.more,
        refs=refs,
        boosts={key: booster for key, booster in boosts.items() if booster},
        broken=(*new.broken, *(status.broken for status in new.statuses if status.broken)),
        to_recheck=tuple(dict.fromkeys(write_ref(before.server, ref) for ref in lost)),
    )
