"""The walk along a listing: the newest page, and further pages down to a known entry.

Listings are sorted by time, the newest first, and a service's cursor leads only downwards. So each poll fetches the
newest page, which costs next to nothing with an ETag, and walks only if that page doesn't reach down to a known entry,
or to the time of the last one. An open gap is asked for again a few times and then reported as lost. A pinned post is
out of order, so it neither closes a gap nor becomes a position.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime
from typing import Final

import msgspec

from connectors.errors import ConnectorError
from connectors.http.client import Params
from connectors.networks.bluesky.client import FeedPage
from connectors.networks.bluesky.cursor import Cursor
from connectors.networks.bluesky.reading import Entry

Fetch = Callable[[Params, str], Awaitable[FeedPage | None]]

PAGES: Final = 8  # fetched by one poll
FIRST: Final = 2  # pages of the first poll: enough to fill a wall
ENOUGH: Final = 30.0  # seconds; then a poll returns its results so far
TRIES: Final = 3  # polls stopped by the same gap before its posts are reported as lost
GAP: Final = (
    "Gap in the timeline: the service could not return the posts before its newest page. The next poll asks again."
)
LOST: Final = "Gap in the timeline: the service does not return the posts before its newest page. They are lost."
TOO_MANY: Final = "Gap in the timeline: too many new posts since the last poll. The oldest of them are lost."


class NewEntries(msgspec.Struct, frozen=True):
    """What one walk found, oldest first. `lost` are known ids that have disappeared from the newest page.

    `gap` is the sentence for a gap that stays open; empty if there is none.
    """

    entries: list[Entry]
    position: Cursor
    lost: tuple[str, ...] = ()
    gap: str = ""


async def fetch_new(fetch: Fetch, position: Cursor, *, is_sorted: bool = True, enough: float = ENOUGH) -> NewEntries:
    """One poll. `fetch` gets a page by its parameters and ETag, None if unchanged. Raises ConnectorError.

    A listing that is not sorted by time has neither gaps nor losses, and is not walked far. After `enough` seconds, or
    if the service fails half-way, the results so far are returned.
    """
    until = asyncio.get_running_loop().time() + enough
    newest = await fetch({}, position.etag)
    if newest is None:
        return NewEntries([], position)
    most = PAGES if position.begun and is_sorted else FIRST
    pages, gap = [newest], ""
    while not _reaches(pages[-1], position):
        if len(pages) >= most:
            gap = TOO_MANY if position.begun else ""
            break
        further = await _further(fetch, pages[-1].cursor, until)
        if further is None or _is_repeated(further, pages):
            gap = GAP
            break
        pages.append(further)
    entries = _each_once(entry for page in pages for entry in page.entries)[::-1]
    if not is_sorted:
        return NewEntries(entries, _at(position, newest))
    if gap == GAP and position.begun and position.tries + 1 < TRIES:  # the position stays, until there is no gap
        return NewEntries(entries, msgspec.structs.replace(position, tries=position.tries + 1), gap=GAP)
    return NewEntries(entries, _at(position, newest), _lost(position, newest), LOST if gap == GAP else gap)


async def _further(fetch: Fetch, cursor: str, until: float) -> FeedPage | None:
    """The page at that cursor, or None if it does not come: whatever the reason, the newest page is in hand."""
    try:
        async with asyncio.timeout_at(until):
            return await fetch({"cursor": cursor}, "")
    except (TimeoutError, ConnectorError):
        return None


def _reaches(page: FeedPage, position: Cursor) -> bool:
    """Whether the listing ends with this page, or it reaches down to what is known.

    If all known entries were deleted, it has passed them where a whole page is older than the newest of them.
    """
    if not page.cursor:
        return True
    ordered = _in_order(page.entries)
    if any(entry.id in position.known for entry in ordered):
        return True
    times = [entry.at for entry in ordered if entry.at]
    return bool(position.since and times) and max(times) < datetime.fromisoformat(position.since)


def _is_repeated(page: FeedPage, pages: Iterable[FeedPage]) -> bool:
    """Whether the service sends a page again, or its cursor leads nowhere."""
    before = list(pages)
    known = {entry.id for earlier in before for entry in earlier.entries}
    is_known = bool(page.entries) and all(entry.id in known for entry in page.entries)
    return page.cursor != "" and (is_known or page.cursor in {earlier.cursor for earlier in before})


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.id and not entry.pinned]


def _each_once(entries: Iterable[Entry]) -> list[Entry]:
    """The entries without repetitions: a listing moves on while it is walked. Those without an id stay."""
    seen: set[str] = set()
    found: list[Entry] = []
    for entry in entries:
        if entry.id and entry.id in seen:
            continue
        seen.add(entry.id)
        found.append(entry)
    return found


def _lost(position: Cursor, newest: FeedPage) -> tuple[str, ...]:
    """Known ids that this page lacks although it reaches down to them: deleted, hidden, or no longer listed."""
    there: Collection[str] = {entry.id for entry in newest.entries if entry.id}
    known = list(position.known)
    reaches = [number for number, id_ in enumerate(known) if id_ in there]
    is_all = not newest.cursor and not any(entry.broken for entry in newest.entries)
    end = len(known) if is_all else max(reaches, default=0)
    return tuple(id_ for id_ in known[:end] if id_ not in there)


def _at(position: Cursor, newest: FeedPage) -> Cursor:
    """The position after that page; an empty page leaves the time of the newest known entry."""
    ordered = _in_order(newest.entries)
    times = [entry.at for entry in ordered if entry.at]
    return msgspec.structs.replace(
        position,
        known={entry.id: entry.cid for entry in ordered},
        boosts={entry.id: entry.key for entry in ordered if entry.is_boost},
        since=max(times).isoformat() if times else position.since,
        etag=newest.etag,
        begun=True,
        tries=0,
    )
