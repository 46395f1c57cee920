"""The entries of a response, read in the sandbox: only those that crash the reader are lost."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.networks.bluesky.addresses import NETWORK
from connectors.networks.bluesky.reading import MAX_ENTRIES, Entry, Listing, read_listing
from connectors.timeline.portions import UNREADABLE, gather


async def read_entries(http: Http, body: bytes, name: str) -> Listing:
    """The list called `name` in a response. Raises InvalidResponse if there is none, and SandboxCrashed."""
    listing = Listing()

    async def portion(start: int, most: int) -> tuple[int, Sequence[Entry]]:
        nonlocal listing
        listing = await http.sandbox(NETWORK).run(
            *(read_listing, body, name, http.now().isoformat(), start, most),
            returns=Listing,
            raises=InvalidResponse,
        )
        return listing.total, listing.entries

    found = enumerate(await gather(portion, MAX_ENTRIES), 1)
    entries = (Entry(id="", broken=UNREADABLE.format(number)) if each is None else each for number, each in found)
    return replace(listing, entries=tuple(entries))
