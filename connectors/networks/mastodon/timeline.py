"""How to read a timeline so that nothing is skipped: look at its newest page, and walk up to it where there is a gap.

It owns what is remembered between two polls (`Cursor`). It refuses to know what a status says.

Walking up with `min_id` alone is not enough. A server numbers a post that comes from elsewhere by the time at which it
was written (Mastodon's snowflakes, GoToSocial's ULIDs), so that a late arrival gets an id *below* those that we have.
So each poll looks at the newest page, which costs next to nothing with an ETag, and walks only if that page doesn't
reach down to what we know. Giving the same post twice is harmless; the store knows it by its key.

A gap is closed where a post that we know is met, or where an older page is truly empty. All else is asked for again a
few times and then told as lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import takewhile
from typing import Final

import msgspec

from connectors.errors import InvalidResponse, RateLimited, Unavailable
from connectors.http.client import Params
from connectors.networks.mastodon.client import LIMIT
from connectors.networks.mastodon.gaps import GAP, LOST, Further, descend, ids_of, is_empty
from connectors.networks.mastodon.reading import Read
from connectors.networks.mastodon.timeline_page import TimelinePage

Fetch = Callable[[Params, str], Awaitable[TimelinePage | None]]

PAGES: Final = 5  # that one poll walks before it hands over what it has
FIRST: Final = 2  # pages to begin with: enough to fill a wall
ENOUGH: Final = 30.0  # seconds; a poll that has taken as long hands over what it has
TRIES: Final = 3  # polls that are stopped by the same gap before what lies in it is told as lost


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a reader is. `known` are the ids of the newest page, newest first: what is missing there later is lost,
    and no deletion is taken for a gap. `empty` says that by now it has none, `account` saves a look-up,
    as does `server`, the origin of the server on which that account was found if it is another than the source's.
    `boosts` has what those of the known that are boosts pass on: (ref, key) by id. `unused` says that the server
    has told that nobody has used this tag. `tries` counts the polls that could not close the gap above this place.
    """

    known: tuple[str, ...] = ()
    etag: str = ""
    account: str = ""
    server: str = ""
    empty: bool = False
    begun: bool = True
    boosts: dict[str, tuple[str, str]] = {}
    unused: bool = False
    tries: int = 0


class NewStatuses(msgspec.Struct, frozen=True):
    """What one poll found, oldest first. `lost` are ids that were on the newest page and should be still.

    `broken` begins with the sentence of what is lost, if anything is.
    """

    statuses: list[Read]
    place: Cursor
    more: bool = False
    lost: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


def read_cursor(cursor: str) -> Cursor:
    """The place behind a cursor; the very beginning behind an empty one or one that we can't read."""
    try:
        return msgspec.json.decode(cursor, type=Cursor)
    except msgspec.DecodeError:
        return Cursor(begun=False)


def write_cursor(place: Cursor) -> str:
    return msgspec.json.encode(place).decode()


async def fetch_new(fetch: Fetch, place: Cursor, *, enough: float = ENOUGH) -> NewStatuses:
    """One poll. `fetch` gets a page by its parameters and ETag, None if unchanged. Raises ConnectorError.

    After `enough` seconds, or where the server fails half-way, what is known already is handed over.
    """
    until = asyncio.get_running_loop().time() + enough
    newest = await fetch({}, place.etag)
    if newest is None:
        return NewStatuses([], place)

    async def further(params: Params) -> TimelinePage | None:
        """None where it takes too long, cannot be read, or the server has had enough of us."""
        try:
            async with asyncio.timeout_at(until):
                return await fetch(params, "")
        except (TimeoutError, RateLimited, Unavailable, InvalidResponse):
            return None

    if not newest.statuses or any(status.id in place.known for status in newest.statuses):
        return NewStatuses(newest.statuses[::-1], _at(place, newest), lost=_lost(place, newest), broken=newest.broken)
    if place.known:
        return await _up_to(further, newest, place)
    if place.begun:
        return await _down_to(further, newest, place, pages=PAGES - 1)
    statuses, broken, _ = await descend(further, newest, frozenset(), PAGES - 1, FIRST * LIMIT)
    return NewStatuses(statuses[::-1], _at(place, newest), broken=broken)


async def _up_to(further: Further, newest: TimelinePage, place: Cursor) -> NewStatuses:
    """From the newest post that we know up to the newest page, oldest first.

    Where `min_id` leads nowhere, `max_id` may: a server may take `min_id` for `since_id`, as Pixelfed's hashtags do,
    or a replica that answers may lag behind.
    """
    there = ids_of(newest)
    after = place.known[0]
    found: list[Read] = []
    broken: tuple[str, ...] = ()
    for _ in range(PAGES):
        leaf = await further({"min_id": after})
        if leaf is None:
            break
        rising = leaf.statuses[::-1]
        below = list(takewhile(lambda status: status.id not in there, rising))
        met = len(below) < len(rising)
        found += below
        if below or not met:  # else it is the newest page again
            broken = (*broken, *leaf.broken)
        if met and (found or after != place.known[0]):
            return NewStatuses([*found, *newest.statuses[::-1]], _at(place, newest), broken=(*broken, *newest.broken))
        if met or leaf.newer in ("", after):
            return await _down_to(further, newest, place, risen=found, broken=broken)
        after = leaf.newer
    if after != place.known[0]:
        return NewStatuses(
            found, Cursor(known=(after,), account=place.account, server=place.server), more=True, broken=broken
        )
    if place.tries + 1 >= TRIES:  # what lies above the strange page can be had all the same
        return await _down_to(further, newest, place)
    return NewStatuses(newest.statuses[::-1], _again(place), broken=(GAP, *newest.broken))


async def _down_to(
    further: Further,
    newest: TimelinePage,
    place: Cursor,
    *,
    risen: Sequence[Read] = (),
    broken: tuple[str, ...] = (),
    pages: int = PAGES,
) -> NewStatuses:
    """From the newest page down to what we know, or to what has `risen` from there, or to the first post of all.

    The latter for who has no post yet: where the first look met an empty page, that may have been a tag that nobody
    used yet, whose first crowd is not to be missed, or a server's bad day before years of posts, which are not wanted.
    """
    known = {*place.known, *(status.id for status in risen if status.id)}
    statuses, strange, open_ = await descend(further, newest, known, pages)
    found, broken = [*risen, *statuses[::-1]], (*broken, *strange)
    if open_ == GAP and place.tries + 1 < TRIES:  # the place stays: all of it is told again, until there is no gap
        return NewStatuses(found, _again(place), broken=(GAP, *broken))
    loss = LOST if open_ == GAP else open_
    return NewStatuses(found, _at(place, newest), broken=(loss, *broken) if loss else broken)


def _lost(place: Cursor, newest: TimelinePage) -> tuple[str, ...]:
    """Known ids that this page would have, were they still on the timeline: deleted, hidden, or without the tag now."""
    if place.empty:
        return ()  # told already
    there = ids_of(newest)
    reaches = [number for number, id_ in enumerate(place.known) if id_ in there]
    is_whole = not newest.broken and all(status.id for status in newest.statuses)
    is_all = is_whole and len(newest.statuses) < min(LIMIT, len(place.known))
    end = len(place.known) if is_all else max(reaches, default=0)
    return tuple(id_ for id_ in place.known[:end] if id_ not in there)


def _again(place: Cursor) -> Cursor:
    """The same place after one more poll that could not close the gap above it."""
    return msgspec.structs.replace(place, tries=place.tries + 1)


def _at(place: Cursor, newest: TimelinePage) -> Cursor:
    """The place of a reader who has that page."""
    ids = tuple(status.id for status in newest.statuses if status.id)
    boosts = {status.id: (status.ref, status.key) for status in newest.statuses if status.is_boost}
    return msgspec.structs.replace(
        place,
        known=ids or place.known,
        boosts=boosts if ids else place.boosts,
        etag=newest.etag,
        empty=bool(place.known) and is_empty(newest),
        begun=True,
        unused=place.unused and not ids,
        tries=0,
    )
