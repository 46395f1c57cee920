"""The entries of a response, read in the sandbox: at once, or after a collapse each alone.

So only those that crash the reader are lost, and each of them is counted.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.networks.bluesky.addresses import NETWORK
from connectors.networks.bluesky.reading import MAX_ENTRIES, Entry, Listing, read_listing
from connectors.sandbox import SandboxCrashed

MAX_COLLAPSES: Final = 8
"""Collapses within one response; then it is given up."""
UNREADABLE: Final = "Unreadable post (number {} of its page): reading it takes too long, or crashes the reader."


async def read_entries(http: Http, body: bytes, name: str) -> Listing:
    """The list called `name` in a response. Raises InvalidResponse if there is none, and SandboxCrashed."""
    entries: list[Entry] = []
    found = Listing(total=MAX_ENTRIES)
    most, collapses = MAX_ENTRIES, 0
    while len(entries) < found.total:
        try:
            found = await http.sandbox(NETWORK).run(
                *(read_listing, body, name, http.now().isoformat(), len(entries), most),
                returns=Listing,
                raises=InvalidResponse,
            )
        except SandboxCrashed:
            collapses += 1
            if collapses > MAX_COLLAPSES:
                raise
            if most == 1:
                entries.append(Entry(id="", broken=UNREADABLE.format(len(entries) + 1)))
            most = 1
            continue
        if found.total > MAX_ENTRIES or (len(entries) < found.total and not found.entries):
            raise SandboxCrashed("Sandbox failed: its reply does not fit the request.")  # hostile bytes may control it
        entries += found.entries
    return replace(found, entries=tuple(entries))
