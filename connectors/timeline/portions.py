"""The entries of a response, read in the sandbox in portions.

A busy machine needs several portions for a page. After a collapse each entry is read alone, so that only those that
crash the reader are lost, and each of them is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.sandbox import SECONDS, SandboxCrashed

ReadSome = Callable[..., tuple[int, list[bytes]]]

PORTION_SECONDS: Final = SECONDS / 4
"""Seconds after which a portion ends: one entry more takes far less than the rest of the sandbox's limit."""
MAX_ENTRIES: Final = 1_000
"""Entries of one response; servers send 40 or 80."""
MAX_COLLAPSES: Final = 8
"""Collapses within one response; then it is given up."""


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
    entries: list[bytes | None] = []
    total, most, collapses = MAX_ENTRIES, MAX_ENTRIES, 0
    while len(entries) < total:
        try:
            total, found = await _portion(http, network, read_some, (body, *arguments, len(entries), most, seconds))
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


async def _portion(
    http: Http, network: str, read_some: ReadSome, arguments: tuple[Any, ...]
) -> tuple[int, list[bytes]]:
    """Return (number of entries, some of them). Raises SandboxCrashed, also if the rest is empty."""
    total, found = await http.sandbox(network).run(
        read_some, *arguments, returns=tuple[int, list[bytes]], raises=InvalidResponse
    )
    if total > MAX_ENTRIES or (arguments[-3] < total and not found):  # hostile bytes may control the process
        raise SandboxCrashed("Sandbox failed: its reply does not fit the request.")
    return total, found
