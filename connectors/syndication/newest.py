"""A poll of a feed that has the newest entries alone: neither older pages nor deletions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from connectors.contract import Page
from connectors.timeline.cursor import Cursor
from connectors.timeline.page import page_of
from connectors.timeline.walk import EntryPage, fetch_new


async def newest_page(fetch: Callable[[], Awaitable[EntryPage]], position: Cursor) -> Page:
    """The entries, oldest first, if the feed has changed since `position`. Raises ConnectorError.

    An entry that disappears has aged out, and is not rechecked.
    """

    async def newest(_older: str) -> EntryPage:
        return await fetch()

    new = await fetch_new(newest, position, _is_there)
    return replace(page_of(new, position, ""), refs={}, to_recheck=())


async def _is_there(_id: str) -> bool:
    """Unknown: an entry that is not among the newest ones may exist, and leaves no gap."""
    return False
