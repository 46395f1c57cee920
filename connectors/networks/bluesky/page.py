"""From one walk along a listing to a Page: the posts, their boosters, edits and disappeared posts. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from connectors.contract import Page, Person, Post
from connectors.networks.bluesky.cursor import Cursor
from connectors.networks.bluesky.matching import Matching
from connectors.networks.bluesky.timeline import NewEntries
from connectors.timeline.cursor import write_cursor


def page_of(new: NewEntries, before: Cursor, matching: Matching, now: datetime) -> Page:
    """The entries as a Page; an unreadable one is counted and affects no other.

    A post that Bluesky's moderators have hidden is `missing`: they may show it again. So is the post of a known repost
    that has disappeared. A known post whose `cid` has changed was edited since the last poll.
    """
    posts: dict[str, Post] = {}
    boosts: dict[str, Person | None] = {}
    hidden: list[str] = []
    unmatched: list[str] = []
    for entry in new.entries:
        if entry.post is None or not matching.is_wanted(entry):
            continue
        is_known = entry.id in before.known
        if entry.hidden or not (matching.has_tag(entry) or is_known):
            hidden += [entry.key] if entry.hidden and is_known else []
            continue
        is_edited = is_known and before.known[entry.id] != entry.cid
        posts[entry.key] = replace(entry.post, edited_at=now) if is_edited else entry.post
        booster = entry.booster
        boosts[entry.key] = booster if boosts.get(entry.key, booster) else None  # also listed as itself: not a boost
        unmatched += [] if matching.has_tag(entry) else [entry.key]
    undone = [before.boosts[id_] for id_ in new.lost if id_ in before.boosts]
    return Page(
        posts=tuple(posts.values()),
        missing=tuple(dict.fromkeys([*hidden, *(key for key in undone if key not in posts)])),
        unmatched=tuple(dict.fromkeys(unmatched)),
        cursor=write_cursor(new.position),
        refs={key: key for key in posts},
        boosts={key: booster for key, booster in boosts.items() if booster},
        broken=(*((new.gap,) if new.gap else ()), *(entry.broken for entry in new.entries if entry.broken)),
        to_recheck=tuple(dict.fromkeys(before.boosts.get(id_, id_) for id_ in new.lost)),
    )
