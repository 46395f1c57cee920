"""How to read a timeline so that nothing is skipped: look at its newest page, and walk up to it where there is a gap.

It owns what is remembered between two polls (`Place`). It refuses to know what a status says.

Walking up with `min_id` alone is not enough. A server numbers a post that comes from elsewhere by the time at which it
was written (Mastodon's snowflakes, GoToSocial's ULIDs), so that a late arrival gets an id *below* those that we have.
So each poll looks at the newest page, which costs next to nothing with an ETag, and walks only if that page doesn't
reach down to what we know. Giving the same post twice is harmless; the store knows it by its key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import takewhile
from typing import Any, Final

import msgspec

from connectors._http import Params
from connectors._mastodon_server import LIMIT, Leaf, id_of

Fetch = Callable[[Params, str], Awaitable[Leaf | None]]

PAGES: Final = 5  # that one poll walks before it hands over what it has
FIRST: Final = 2  # pages to begin with: enough to fill a wall
REMEMBERED: Final = 5  # ids, so that the deletion of the newest post is not taken for a gap


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a reader is. `known` are the newest ids that it has, newest first; `account` saves a look-up."""

    known: tuple[str, ...] = ()
    etag: str = ""
    account: str = ""
    begun: bool = True


class Walk(msgspec.Struct, frozen=True):
    """What one poll found, oldest first."""

    statuses: list[Any]
    place: Place
    more: bool = False


def read_place(cursor: str) -> Place:
    """The place behind a cursor; the very beginning behind an empty one or one that we can't read."""
    try:
        return msgspec.json.decode(cursor, type=Place)
    except msgspec.DecodeError:
        return Place(begun=False)


def write_place(place: Place) -> str:
    return msgspec.json.encode(place).decode()


async def walk(fetch: Fetch, place: Place) -> Walk:
    """One poll. `fetch` gets a page by its parameters and ETag, None if unchanged. Raises Trouble."""
    newest = await fetch({}, place.etag)
    if newest is None:
        return Walk([], place)
    if not place.known:
        return await _newest(fetch, newest, place, PAGES if place.begun else FIRST)
    if not newest.statuses or any(id_of(status) in place.known for status in newest.statuses):
        return Walk(newest.statuses[::-1], _at(place, newest))
    return await _up_to(fetch, newest, place)


async def _newest(fetch: Fetch, newest: Leaf, place: Place, pages: int) -> Walk:
    """The newest pages and no more than that, for who has no post to walk up from.

    Where the first look met an empty page, that may have been a tag that nobody used yet, whose first crowd is not to
    be missed, or a server's bad day before years of posts, which are not wanted. So it is a few pages more.
    """
    statuses, leaf = [*newest.statuses], newest
    for _ in range(pages - 1):
        older = await fetch({"max_id": leaf.older}, "") if len(leaf.statuses) >= LIMIT else None
        if older is None:
            break
        statuses, leaf = [*statuses, *older.statuses], older
    return Walk(statuses[::-1], _at(place, newest))


async def _up_to(fetch: Fetch, newest: Leaf, place: Place) -> Walk:
    """From the newest post that we know up to the newest page, oldest first."""
    there = {id_of(status) for status in newest.statuses} - {""}
    after = place.known[0]
    found: list[Any] = []
    for _ in range(PAGES):
        leaf = await fetch({"min_id": after}, "")
        rising = leaf.statuses[::-1] if leaf else []
        below = list(takewhile(lambda status: id_of(status) not in there, rising))
        found += below
        if leaf is None or len(below) < len(rising) or leaf.newer in ("", after):  # met, empty, or going nowhere
            return Walk([*found, *newest.statuses[::-1]], _at(place, newest))
        after = leaf.newer
    return Walk(found, Place(known=(after,), account=place.account), more=True)


def _at(place: Place, newest: Leaf) -> Place:
    """The place of a reader who has that page."""
    ids = tuple(filter(None, map(id_of, newest.statuses)))[:REMEMBERED]
    return Place(known=ids or place.known, etag=newest.etag, account=place.account)
