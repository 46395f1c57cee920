"""From one walk along a timeline to a Page: the posts, their boosters, and the disappeared posts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from connectors.contract import Page, Person, Post
from connectors.contract.origin import is_at
from connectors.networks.mastodon.cursor import Cursor
from connectors.networks.mastodon.matching import Matching, tagged
from connectors.networks.mastodon.reading import ParsedStatus
from connectors.networks.mastodon.timeline import NewStatuses
from connectors.timeline.cursor import write_cursor


def write_ref(server: str, id_: str) -> str:
    """The ref of a post: its id, after the server's origin if that is not the source's own."""
    return f"{server} {id_}" if server else id_


def page_of(new: NewStatuses, before: Cursor, matching: Matching, origin: str = "") -> Page:
    """The statuses as a Page; an unreadable one is counted and affects no other.

    `origin` is that of the answering server, which ends its own posts if it lists them as not public. `to_recheck` are
    refs of posts that have disappeared from the newest page. A boost among them is `missing` at once: undone or
    deleted, this source no longer shows it.
    """
    posts: dict[str, Post] = {}
    refs: dict[str, str] = {}
    boosts: dict[str, Person | None] = {}
    unwanted: list[ParsedStatus] = []
    for status in new.statuses:
        if status.post is None or not matching.is_wanted(status):
            unwanted.append(status)
            continue
        if matching.excludes(status) and not matching.is_unmatched(status, before):
            continue
        posts[status.key], refs[status.key] = status.post, write_ref(new.position.server, status.ref)
        booster = status.booster
        boosts[status.key] = booster if boosts.get(status.key, booster) else None  # also listed as itself: not a boost
    undone = [before.boosts[id_] for id_ in new.lost if id_ in before.boosts]
    lost = [before.boosts[id_][0] if id_ in before.boosts else id_ for id_ in new.lost]
    gone, missing = _withdrawn([status for status in unwanted if status.id in before.known], posts, origin)
    unmatched = [status for status in new.statuses if status.post and matching.is_unmatched(status, before)]
    return Page(
        posts=tuple(posts.values()),
        gone=gone,
        missing=tuple(dict.fromkeys([*missing, *(key for _, key in undone if key not in posts)])),
        unmatched=tuple(dict.fromkeys(status.key for status in unmatched if status.key in posts)),
        cursor=write_cursor(_noted(new, before, matching)),
        more=new.more,
        refs=refs,
        boosts={key: booster for key, booster in boosts.items() if booster},
        broken=(*new.broken, *(status.broken for status in new.statuses if status.broken)),
        to_recheck=tuple(dict.fromkeys(write_ref(before.server, ref) for ref in lost)),
    )


def _withdrawn(
    unwanted: Iterable[ParsedStatus], posts: Collection[str], origin: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(gone, missing): the keys of known statuses that no wall shows: not public, unlisted, or boosted in private.

    Only a post's own server ends it, and only if the post itself is not public.
    """
    ends = {status.key: status.private for status in unwanted if status.key and status.key not in posts}
    gone = tuple(key for key, private in ends.items() if private and is_at(origin, key))
    return gone, tuple(key for key in ends if key not in gone)


def _noted(new: NewStatuses, before: Cursor, matching: Matching) -> Cursor:
    """The position with those of its ids whose statuses have never been read with the source's hashtags."""
    has = {status.id for status in new.statuses if status.post is not None and matching.has_tags(status)}
    had = tagged(before)
    untagged = tuple(id_ for id_ in new.position.known if matching.first and id_ not in has and id_ not in had)
    return msgspec.structs.replace(new.position, untagged=untagged if new.position.known else None)
