"""How to read a timeline so that nothing is skipped: look at its newest page, and walk up to it where there is a gap.

It owns what is remembered between two polls (`Place`). It refuses to know what a status says.

Walking up with `min_id` alone is not enough. A server numbers a post that comes from elsewhere by the time at which it
was written (Mastodon's snowflakes, GoToSocial's ULIDs), so that a late arrival gets an id *below* those that we have.
So each poll looks at the newest page, which costs next to nothing with an ETag, and walks only if that page doesn't
reach down to what we know. Giving the same post twice is harmless; the store knows it by its key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import takewhile
from typing import Final

import msgspec

from connectors._base import Throttled, Unreachable, Unreadable
from connectors._http import Params
from connectors._mastodon_leaf import Leaf
from connectors._mastodon_reading import Read
from connectors._mastodon_server import LIMIT

Fetch = Callable[[Params, str], Awaitable[Leaf | None]]
Further = Callable[[Params], Awaitable[Leaf | None]]

PAGES: Final = 5  # that one poll walks before it hands over what it has
FIRST: Final = 2  # pages to begin with: enough to fill a wall
ENOUGH: Final = 30.0  # seconds; a poll that has taken as long hands over what it has
GAP: Final = "The server could not tell what came before its newest posts: that is asked for again."
TOO_MANY: Final = "More posts came since the last poll than can be asked for: the oldest of them are lost."


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a reader is. `known` are the ids of the newest page, newest first: what is missing there later is lost,
    and no deletion is taken for a gap. `empty` says that by now it has none, `account` saves a look-up,
    as does `server`, the origin of the server on which that account was found if it is another than the source's.
    `boosts` has what those of the known that are boosts pass on: (ref, key) by id. `unused` says that the server
    has told that nobody has used this tag.
    """

    known: tuple[str, ...] = ()
    etag: str = ""
    account: str = ""
    server: str = ""
    empty: bool = False
    begun: bool = True
    boosts: dict[str, tuple[str, str]] = {}
    unused: bool = False


class Walk(msgspec.Struct, frozen=True):
    """What one poll found, oldest first. `lost` are ids that were on the newest page and should be still."""

    statuses: list[Read]
    place: Place
    more: bool = False
    lost: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


def read_place(cursor: str) -> Place:
    """The place behind a cursor; the very beginning behind an empty one or one that we can't read."""
    try:
        return msgspec.json.decode(cursor, type=Place)
    except msgspec.DecodeError:
        return Place(begun=False)


def write_place(place: Place) -> str:
    return msgspec.json.encode(place).decode()


async def walk(fetch: Fetch, place: Place, *, enough: float = ENOUGH) -> Walk:
    """One poll. `fetch` gets a page by its parameters and ETag, None if unchanged. Raises Trouble.

    After `enough` seconds, or where the server fails half-way, what is known already is handed over.
    """
    until = asyncio.get_running_loop().time() + enough
    newest = await fetch({}, place.etag)
    if newest is None:
        return Walk([], place)

    async def further(params: Params) -> Leaf | None:
        """None where it takes too long, cannot be read, or the server has had enough of us."""
        try:
            async with asyncio.timeout_at(until):
                return await fetch(params, "")
        except (TimeoutError, Throttled, Unreachable, Unreadable):
            return None

    if not place.known:
        return await _newest(further, newest, place)
    if not newest.statuses or any(status.id in place.known for status in newest.statuses):
        return Walk(newest.statuses[::-1], _at(place, newest), lost=_lost(place, newest), broken=newest.broken)
    return await _up_to(further, newest, place)


async def _newest(further: Further, newest: Leaf, place: Place) -> Walk:
    """The newest pages and no more than that, for who has no post to walk up from.

    Where the first look met an empty page, that may have been a tag that nobody used yet, whose first crowd is not to
    be missed, or a server's bad day before years of posts, which are not wanted. So it is a few pages more.
    """
    statuses, leaf, whole, broken = [*newest.statuses], newest, True, newest.broken
    for _ in range(PAGES - 1):
        if not leaf.statuses or (len(statuses) >= FIRST * LIMIT and not place.begun):
            break
        older = await further({"max_id": leaf.older})
        if older is None:
            whole = not place.begun
            break
        if _ids(older) <= {status.id for status in statuses}:  # nothing, or a server that goes nowhere
            break
        statuses, leaf, broken = [*statuses, *older.statuses], older, (*broken, *older.broken)
    return Walk(statuses[::-1], _at(place, newest) if whole else place, broken=broken)


async def _up_to(further: Further, newest: Leaf, place: Place) -> Walk:
    """From the newest post that we know up to the newest page, oldest first."""
    there = _ids(newest)
    after = place.known[0]
    found: list[Read] = []
    broken: tuple[str, ...] = ()
    for _ in range(PAGES):
        leaf = await further({"min_id": after})
        if leaf is None:
            break
        rising = leaf.statuses[::-1]
        below = list(takewhile(lambda status: status.id not in there, rising))
        if rising and not below and not found:
            return await _down_to(further, newest, place)
        found, broken = [*found, *below], (*broken, *leaf.broken)
        if len(below) < len(rising) or leaf.newer in ("", after):  # met, empty, or going nowhere
            return Walk([*found, *newest.statuses[::-1]], _at(place, newest), broken=(*broken, *newest.broken))
        after = leaf.newer
    if not found:  # the newest is better than nothing; the gap below it is tried again
        return Walk(newest.statuses[::-1], place, broken=(*newest.broken, GAP))
    return Walk(found, Place(known=(after,), account=place.account, server=place.server), more=True, broken=broken)


async def _down_to(further: Further, newest: Leaf, place: Place) -> Walk:
    """From the newest page down to what we know, where `min_id` gave that very page again.

    Either nothing lies between, or the server takes `min_id` for `since_id`, as Pixelfed's hashtags do: then only
    `max_id` leads through the gap.
    """
    statuses, leaf, broken = [*newest.statuses], newest, newest.broken
    for _ in range(PAGES):
        older = await further({"max_id": leaf.older})
        if older is None:  # the place stays: all of it is told again, until there is no gap
            return Walk(statuses[::-1], place, broken=(*broken, GAP))
        broken = (*broken, *older.broken)
        told = {status.id for status in statuses}
        met = any(status.id in place.known for status in older.statuses)
        statuses += [status for status in older.statuses if status.id not in place.known and status.id not in told]
        if met or _ids(older) <= told:
            break
        leaf = older
    else:
        broken = (*broken, TOO_MANY)
    return Walk(statuses[::-1], _at(place, newest), broken=broken)


def _lost(place: Place, newest: Leaf) -> tuple[str, ...]:
    """Known ids that this page would have, were they still on the timeline: deleted, hidden, or without the tag now."""
    if place.empty:
        return ()  # told already
    there = _ids(newest)
    reaches = [number for number, id_ in enumerate(place.known) if id_ in there]
    is_all = len(newest.statuses) < min(LIMIT, len(place.known)) and not newest.broken
    end = len(place.known) if is_all else max(reaches, default=0)
    return tuple(id_ for id_ in place.known[:end] if id_ not in there)


def _ids(leaf: Leaf) -> set[str]:
    return {status.id for status in leaf.statuses if status.id}


def _at(place: Place, newest: Leaf) -> Place:
    """The place of a reader who has that page."""
    ids = tuple(status.id for status in newest.statuses if status.id)
    empty = bool(place.known and not ids)
    boosts = {status.id: (status.ref, status.key) for status in newest.statuses if status.is_boost}
    return msgspec.structs.replace(
        place,
        known=ids or place.known,
        boosts=boosts if ids else place.boosts,
        etag=newest.etag,
        empty=empty,
        begun=True,
        unused=place.unused and not ids,
    )
