"""Long loops that share the event loop: between two of their rows, others get their turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

MAX_TURN = 0.002
"""Seconds after which a loop lets the event loop run."""


async def in_turns(rows: Iterable[T]) -> AsyncIterator[T]:
    """Yield the rows, giving the event loop its turn in between: one post may take milliseconds."""
    began = monotonic()
    for row in rows:
        if monotonic() - began > MAX_TURN:
            await asyncio.sleep(0)
            began = monotonic()
        yield row
