"""Reading a timeline without skipping a post: fetch its newest page, and walk down if that leaves a gap.

Servers order posts by the time of writing, so that a late arrival stands *below* known ones: each poll reads the newest
page. A gap is closed at a known post, or at the timeline's end; an open one is asked for again a few times, and then
reported as lost. A repeated post is harmless: the store knows it by its key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from typing import Final

import msgspec

from connectors.errors import ConnectorError
from connectors.timeline.cursor import Cursor
from connectors.timeline.entries import Entry

PAGES: Final = 5  # fetched by one poll before it returns its results
FIRST: Final = 2  # pages of the first poll: enough to fill a wall
ENOUGH: Final = 30.0  # seconds; then a poll returns its results so far
TRIES: Final = 3  # polls stopped by the same gap before its posts are reported as lost
GAP: Final = (
    "Gap in the timeline: the server could not return the posts before its newest page. The next poll asks again."
)
LOST: Final = "Gap in the timeline: the server does not return the posts before its newest page. They are lost."
TOO_MANY: Final = "Gap in the timeline: too many new posts since the last poll. The oldest of them are lost."


class EntryPage(msgspec.Struct, frozen=True):
    """One page of a timeline, newest first. `older` is what to ask for the next page by; empty at the end."""

    entries: list[Entry]
    older: str = ""
    digest: str = ""


class NewEntries(msgspec.Struct, frozen=True):
    """What one walk found, oldest first. `lost` are ids that have disappeared from the newest page.

    `broken` begins with the sentence for an open gap, if there is one.
    """

    entries: list[Entry]
    position: Cursor
    lost: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


Fetch = Callable[[str], Awaitable[EntryPage]]
"""The page that this value of `older` continues; the newest one if it is empty. Raises ConnectorError."""
IsThere = Callable[[str], Awaitable[bool]]
"""Whether the server still shows the entry with this id. Raises ConnectorError."""


def digest_of(body: bytes) -> str:
    return blake2b(body, digest_size=12).hexdigest()


async def fetch_new(fetch: Fetch, position: Cursor, is_there: IsThere, *, enough: float = ENOUGH) -> NewEntries:
    """One poll. After `enough` seconds, or if the server fails half-way, it returns its results so far.

    `is_there` is asked about known posts if the walk meets none of them. Raises ConnectorError.
    """
    until = asyncio.get_running_loop().time() + enough
    newest = await fetch("")
    if newest.digest and newest.digest == position.digest:
        return NewEntries([], position)
    known = frozenset(position.known)
    if not newest.entries or not known.isdisjoint(_ids(newest)):
        lost = _lost(position, newest)
        return NewEntries(newest.entries[::-1], _at(position, newest), lost=lost, broken=_broken(newest.entries))
    pages = PAGES if position.begun else FIRST
    entries, gap, is_end = await _descend(fetch, newest, known, pages - 1, until)
    if is_end and known and await _may_be_there(is_there, position, until):
        gap = GAP
    if not position.begun and gap == TOO_MANY:
        gap = ""  # older posts are not wanted
    there = _at(position, newest)
    if gap == GAP:
        gap = GAP if position.tries + 1 < TRIES else LOST
        if gap == GAP:  # the position stays: all is returned again, until there is no gap
            there = msgspec.structs.replace(position, tries=position.tries + 1)
    return NewEntries(entries[::-1], there, broken=(*([gap] if gap else []), *_broken(entries)))


async def _descend(
    fetch: Fetch, newest: EntryPage, known: AbstractSet[str], pages: int, until: float
) -> tuple[list[Entry], str, bool]:
    """(the newest page and those below it, the open gap, whether the timeline's end was reached).

    A gap is one sentence, or empty.
    """
    entries, older = [*newest.entries], newest.older
    for _ in range(pages):
        if not older:
            return entries, "", True
        try:
            async with asyncio.timeout_at(until):
                page = await fetch(older)
        except (TimeoutError, ConnectorError):
            return entries, GAP, False
        seen = {entry.id for entry in entries if entry.id}
        fresh = [entry for entry in page.entries if not entry.id or entry.id not in seen]
        if page.entries and not fresh:  # the same page again
            return entries, LOST, False
        entries += fresh
        if not known.isdisjoint(_ids(page)):
            return entries, "", False
        older = page.older
    return entries, TOO_MANY if older else "", not older


async def _may_be_there(is_there: IsThere, position: Cursor, until: float) -> bool:
    """Whether some known post still exists, as far as two of them show: then the end was not the end."""
    try:
        async with asyncio.timeout_at(until):
            for id_ in dict.fromkeys((position.known[0], position.known[-1])):
                if await is_there(id_):
                    return True
    except (TimeoutError, ConnectorError):
        return True
    return False


def _ids(page: EntryPage) -> set[str]:
    """The ids that mark a place in time: a pinned entry stands above newer ones."""
    return {entry.id for entry in page.entries if entry.id and not entry.pinned}


def _broken(entries: list[Entry]) -> tuple[str, ...]:
    return tuple(entry.broken for entry in entries if entry.broken)


def _lost(position: Cursor, newest: EntryPage) -> tuple[str, ...]:
    """Known ids that this page lacks although it reaches down to them: deleted, hidden, or without the tag now."""
    if position.empty:
        return ()  # already reported
    there = {entry.id for entry in newest.entries}
    reaches = [number for number, id_ in enumerate(position.known) if id_ in there]
    is_whole = not newest.older and all(entry.id for entry in newest.entries)
    end = len(position.known) if is_whole else max(reaches, default=0)
    return tuple(id_ for id_ in position.known[:end] if id_ not in there)


def _at(position: Cursor, newest: EntryPage) -> Cursor:
    """The position after that page."""
    ids = tuple(dict.fromkeys(entry.id for entry in newest.entries if entry.id and not entry.pinned))
    boosts = {entry.id: (entry.ref, entry.key) for entry in newest.entries if entry.is_boost}
    return msgspec.structs.replace(
        position,
        known=ids or position.known,
        boosts=boosts if ids else position.boosts,
        digest=newest.digest,
        empty=bool(position.known) and not newest.entries,
        begun=True,
        tries=0,
    )
