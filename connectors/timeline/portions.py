"""The entries of a response, read in the sandbox in portions.

A busy machine needs several portions for a page. After a collapse each entry is read alone, so that only those that
crash the reader are lost, and each of them is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias, TypeVar

from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.sandbox import SECONDS, SandboxCrashed

T = TypeVar("T")
ReadSome = Callable[..., tuple[int, list[bytes]]]
Portion: TypeAlias = Callable[[int, int], Awaitable[tuple[int, Sequence[T]]]]
"""`portion(start, most)` returns (number of entries, up to `most` of them from `start` on)."""

PORTION_SECONDS: Final = SECONDS / 4
"""Seconds after which a portion ends: one entry more takes far less than the rest of the sandbox's limit."""
MAX_ENTRIES: Final = 1_000
"""Entries of one response; servers send 40 or 80."""
MAX_COLLAPSES: Final = 8
"""Collapses within one response; then it is given up."""
UNREADABLE: Final = "Unreadable post (number {} of its page): reading it takes too long, or crashes the reader."


async def read_portions(
    http: Http,
    network: str,
    read_some: ReadSome,
    body: bytes,
    *arguments: object,
    seconds: float = PORTION_SECONDS,
) -> list[bytes | None]:
    """Each entry of a response in msgpack; None for one that can't be read. Raises InvalidResponse and SandboxCrashed.

    `read_some(body, *arguments, start, most, seconds)` runs in the sandbox and returns (number of entries, up to `most`
    of them from `start` on). A portion takes about so many `seconds`.
    """

    async def portion(start: int, most: int) -> tuple[int, Sequence[bytes]]:
        return await http.sandbox(network).run(
            read_some,
            *(body, *arguments, start, most, seconds),
            returns=tuple[int, list[bytes]],
            raises=InvalidResponse,
        )

    return await gather(portion, MAX_ENTRIES)


async def gather(portion: Portion[T], limit: int) -> list[T | None]:
    """All entries of at most `limit`, from as many portions as they need; None for one that can't be read.

    Raises SandboxCrashed.
    """
    entries: list[T | None] = []
    total, most, collapses = limit, limit, 0
    while len(entries) < total:
        try:
            total, found = _fitting(await portion(len(entries), most), len(entries), limit)
        except SandboxCrashed:
            collapses += 1
            if collapses > MAX_COLLAPSES:
                raise
            if most == 1:
                entries.append(None)
            most = 1
            continue
        entries += found
        await asyncio.sleep(0)  # let the event loop run between two portions
    return entries


def _fitting(reply: tuple[int, Sequence[T]], start: int, limit: int) -> tuple[int, Sequence[T]]:
    """The same reply. Raises SandboxCrashed if it does not fit the request: hostile bytes may control the process."""
    total, found = reply
    if total > limit or (start < total and not found):
        raise SandboxCrashed("Sandbox failed: its reply does not fit the request.")
    return reply
