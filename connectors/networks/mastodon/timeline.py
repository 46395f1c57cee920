"""Reading a timeline without skipping a post: fetch its newest page, and walk up to it if there is a gap.

Walking up with `min_id` alone is not enough. A server numbers a post from elsewhere by the time of writing
(Mastodon's snowflakes, GoToSocial's ULIDs), so a late arrival gets an id *below* the known ones. So each poll fetches
the newest page, which costs next to nothing with an ETag, and walks only if that page doesn't reach down to a known
post. A repeated post is harmless: the store knows it by its key.

A gap is closed at a known post, or, if none is known or all are gone, at an older page that is empty. An open gap is
asked for again a few times and then reported as lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import takewhile
from typing import Final

import msgspec

from connectors.errors import ConnectorError
from connectors.http.client import Params
from connectors.networks.mastodon.client import LIMIT
from connectors.networks.mastodon.cursor import Cursor
from connectors.networks.mastodon.gaps import GAP, LOST, AreGone, Further, descend, ids_of, is_empty, never
from connectors.networks.mastodon.reading import ParsedStatus
from connectors.networks.mastodon.timeline_page import TimelinePage, first_id

Fetch = Callable[[Params, str], Awaitable[TimelinePage | None]]
LookUp = Callable[[Sequence[str], str], Awaitable[bool]]
"""Whether none of the known ids exists any more, while the listed one does."""

PAGES: Final = 5  # fetched by one poll before it returns its results
FIRST: Final = 2  # pages of the first poll: enough to fill a wall
ENOUGH: Final = 30.0  # seconds; then a poll returns its results so far
TRIES: Final = 3  # polls stopped by the same gap before its posts are reported as lost


class NewStatuses(msgspec.Struct, frozen=True):
    """What one walk along the timeline found, oldest first. `lost` are ids that have disappeared from the newest page.

    `broken` begins with the sentence for an open gap, if there is one.
    """

    statuses: list[ParsedStatus]
    position: Cursor
    more: bool = False
    lost: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


async def fetch_new(
    fetch: Fetch, position: Cursor, *, enough: float = ENOUGH, look_up: LookUp | None = None
) -> NewStatuses:
    """One poll. `fetch` gets a page by its parameters and ETag, None if unchanged. Raises ConnectorError.

    `look_up` is asked if the walk meets no known post. After `enough` seconds, or if the server fails half-way, the
    results so far are returned.
    """
    until = asyncio.get_running_loop().time() + enough
    newest = await fetch({}, position.etag)
    if newest is None:
        return NewStatuses([], position)

    async def further(params: Params) -> TimelinePage | None:
        """The page, or None if it does not come: whatever the reason, the newest page is in hand."""
        try:
            async with asyncio.timeout_at(until):
                return await fetch(params, "")
        except (TimeoutError, ConnectorError):
            return None

    async def are_gone() -> bool:
        try:
            async with asyncio.timeout_at(until):
                return look_up is not None and await look_up(position.known, first_id(newest.statuses))
        except (TimeoutError, ConnectorError):
            return False

    if not newest.statuses or any(status.id in position.known for status in newest.statuses):
        return NewStatuses(
            newest.statuses[::-1], _at(position, newest), lost=_lost(position, newest), broken=newest.broken
        )
    if position.known:
        return await _up_to(further, newest, position, are_gone)
    if position.begun:
        return await _down_to(further, newest, position, pages=PAGES - 1)
    statuses, broken, open_ = await descend(further, newest, frozenset(), PAGES - 1, FIRST * LIMIT)
    loss = (LOST,) if open_ == GAP else ()
    return NewStatuses(statuses[::-1], _at(position, newest), broken=(*loss, *broken))


async def _up_to(further: Further, newest: TimelinePage, position: Cursor, are_gone: AreGone) -> NewStatuses:
    """The posts from the newest known one up to the newest page, oldest first.

    If `min_id` leads nowhere, `max_id` may: a server may take `min_id` for `since_id`, as Pixelfed's hashtags do,
    or a lagging replica may answer.
    """
    there = ids_of(newest)
    after = position.known[0]
    found: list[ParsedStatus] = []
    broken: tuple[str, ...] = ()
    for _ in range(PAGES):
        page = await further({"min_id": after})
        if page is None:
            break
        rising = page.statuses[::-1]
        below = list(takewhile(lambda status: status.id not in there, rising))
        met = len(below) < len(rising)
        found += below
        if below or not met:  # else it is the newest page again
            broken = (*broken, *page.broken)
        if met and (found or after != position.known[0]):
            return NewStatuses(
                [*found, *newest.statuses[::-1]], _at(position, newest), broken=(*broken, *newest.broken)
            )
        if met or page.newer in ("", after):
            return await _down_to(further, newest, position, risen=found, broken=broken, are_gone=are_gone)
        after = page.newer
    if after != position.known[0]:
        return NewStatuses(
            found, Cursor(known=(after,), account=position.account, server=position.server), more=True, broken=broken
        )
    if position.tries + 1 >= TRIES:  # the posts above the broken page can still be fetched
        return await _down_to(further, newest, position, are_gone=are_gone)
    return NewStatuses(newest.statuses[::-1], _again(position), broken=(GAP, *newest.broken))


async def _down_to(
    further: Further,
    newest: TimelinePage,
    position: Cursor,
    *,
    risen: Sequence[ParsedStatus] = (),
    broken: tuple[str, ...] = (),
    pages: int = PAGES,
    are_gone: AreGone = never,
) -> NewStatuses:
    """The posts from the newest page down to a known one, to one that has `risen`, or to the first post of all.

    The latter if no post is known: an earlier empty page may have been a tag without any posts, whose first crowd
    must not be missed, or a server's failure before years of posts, which are not wanted.
    """
    known = {*position.known, *(status.id for status in risen if status.id)}
    statuses, strange, open_ = await descend(further, newest, known, pages, are_gone=never if risen else are_gone)
    found, broken = [*risen, *statuses[::-1]], (*broken, *strange)
    if open_ == GAP and position.tries + 1 < TRIES:  # the position stays: all is returned again, until there is no gap
        return NewStatuses(found, _again(position), broken=(GAP, *broken))
    loss = LOST if open_ == GAP else open_
    return NewStatuses(found, _at(position, newest), broken=(loss, *broken) if loss else broken)


def _lost(position: Cursor, newest: TimelinePage) -> tuple[str, ...]:
    """Known ids that this page lacks although it reaches down to them: deleted, hidden, or without the tag now."""
    if position.empty:
        return ()  # already reported
    there = ids_of(newest)
    reaches = [number for number, id_ in enumerate(position.known) if id_ in there]
    is_whole = not newest.broken and all(status.id for status in newest.statuses)
    is_all = is_whole and len(newest.statuses) < min(LIMIT, len(position.known))
    end = len(position.known) if is_all else max(reaches, default=0)
    return tuple(id_ for id_ in position.known[:end] if id_ not in there)


def _again(position: Cursor) -> Cursor:
    """The same position after one more poll that could not close the gap above it."""
    return msgspec.structs.replace(position, tries=position.tries + 1)


def _at(position: Cursor, newest: TimelinePage) -> Cursor:
    """The position after that page."""
    ids = tuple(status.id for status in newest.statuses if status.id)
    boosts = {status.id: (status.ref, status.key) for status in newest.statuses if status.is_boost}
    return msgspec.structs.replace(
        position,
        known=ids or position.known,
        boosts=boosts if ids else position.boosts,
        etag=newest.etag,
        empty=bool(position.known) and is_empty(newest),
        begun=True,
        unused=position.unused and not ids,
        tries=0,
    )
