"""The statuses of a response, read in the sandbox in portions.

A busy machine needs several portions for a page. After a collapse each status is read alone, so that only those that
crash the reader are lost, and each of them is counted.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

import msgspec

from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.networks.mastodon.posts import NETWORK
from connectors.networks.mastodon.reading import ParsedStatus, read_some
from connectors.networks.mastodon.status_list import MAX_STATUSES
from connectors.sandbox import SECONDS, SandboxCrashed

PORTION_SECONDS: Final = SECONDS / 4
"""Seconds after which a portion ends: one status more takes far less than the rest of the sandbox's limit."""
MAX_COLLAPSES: Final = 8
"""Collapses within one response; then it is given up."""
UNREADABLE: Final = "Unreadable post (number {} of its page): reading it takes too long, or crashes the reader."


async def read_statuses(http: Http, body: bytes, *, seconds: float = PORTION_SECONDS) -> list[ParsedStatus]:
    """A list of statuses in JSON, or a single one. Raises InvalidResponse if it is neither, and SandboxCrashed.

    A portion takes about so many `seconds`.
    """
    statuses: list[ParsedStatus] = []
    total, most, collapses = MAX_STATUSES, MAX_STATUSES, 0
    while len(statuses) < total:
        try:
            total, found = await _portion(http, body, len(statuses), most, seconds)
        except SandboxCrashed:
            collapses += 1
            if collapses > MAX_COLLAPSES:
                raise
            if most == 1:
                statuses.append(ParsedStatus(id="", broken=UNREADABLE.format(len(statuses) + 1)))
            most = 1
            continue
        for encoded in found:
            statuses.append(msgspec.msgpack.decode(encoded, type=ParsedStatus))
            await asyncio.sleep(0)  # let the event loop run between two of them
    return statuses


async def _portion(http: Http, body: bytes, start: int, most: int, seconds: float) -> tuple[int, list[bytes]]:
    """Return (number of statuses, some of them from `start` on). Raises SandboxCrashed, also if the rest is empty."""
    at = datetime.now(UTC).isoformat()
    total, found = await http.sandbox(NETWORK).run(
        *(read_some, body, at, start, most, seconds), returns=tuple[int, list[bytes]], raises=InvalidResponse
    )
    if total > MAX_STATUSES or (start < total and not found):  # hostile bytes may control the process
        raise SandboxCrashed("Sandbox failed: its reply does not fit the request.")
    return total, found
