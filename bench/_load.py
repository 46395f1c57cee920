"""The load of the fan-out: records with the time of their publication, at a fixed rate."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

STAMP = b'"stamp":'


def record_body(size: int) -> bytes:
    """A post of about `size` bytes, with the time of its publication in it."""
    words = "Say it with #socitm09. " * (size // 23 + 1)
    stamp = time.monotonic_ns()
    return b'{"stamp":%d,"html":"<p>%s</p>"}' % (stamp, words[:size].encode())


@dataclass
class Load:
    """`records` at `rate` a second, each of about `size` bytes."""

    records: int
    rate: float
    size: int


async def paced(load: Load, say: Callable[[int], Any]) -> None:
    start = time.monotonic()
    for n in range(load.records):
        await asyncio.sleep(max(0.0, start + n / load.rate - time.monotonic()))
        await say(n)
