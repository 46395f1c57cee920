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
from connectors.networks.mastodon.reading import MAX_STATUSES, Read, read_some
from connectors.sandbox import SECONDS, Collapsed

PORTION_SECONDS: Final = SECONDS / 4
"""Seconds after which a portion ends: one status more takes far less than the rest of the sandbox's limit."""
MAX_COLLAPSES: Final = 8
"""Collapses within one response; then it is given up."""
UNREADABLE: Final = "Unreadable post (number {} of its page): reading it takes too long, or crashes the reader."


async def read_statuses(http: Http, body: bytes, *, seconds: float = PORTION_SECONDS) -> list[Read]:
    """A list of statuses in JSON, or a single one. Raises InvalidResponse if it is neither, and Collapsed.

    A portion takes about so many `seconds`.
    """
    statuses: list[Read] = []
    total, most, collapses = MAX_STATUSES, MAX_STATUSES, 0
    while len(statuses) < total:
        try:
            total, found = await _portion(http, body, len(statuses), most, seconds)
        except Collapsed:
            collapses += 1
            if collapses > MAX_COLLAPSES:
                raise
            if most == 1:
                statuses.append(Read(id="", broken=UNREADABLE.format(len(statuses) + 1)))
            most = 1
            continue
        for encoded in found:
            statuses.append(msgspec.msgpack.decode(encoded, type=Read))
            await asyncio.sleep(0)  # let the event loop run between two of them
    return statuses


async def _portion(http: Http, body: bytes, start: int, most: int, seconds: float) -> tuple[int, list[bytes]]:
    """The number of statuses, and some of them from `start` on. Raises Collapsed, also if none of the rest comes."""
    at = datetime.now(UTC).isoformat()
    total, found = await http.sandbox(NETWORK).run(
        *(read_some, body, at, start, most, seconds), returns=tuple[int, list[bytes]], raises=InvalidResponse
    )
    if total > MAX_STATUSES or (start < total and not found):  # hostile bytes may control the process
        raise Collapsed("Sandbox failed: its reply does not fit the request.")
    return total, found
