"""Bounds on simultaneous fetches: one that takes long leaves its place to others and goes on in a slow lane.

So a post or a source with many slow hosts delays the pictures of others by a few seconds at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from typing import Any, TypeVar

from connectors.errors import RateLimited

T = TypeVar("T")

QUICK_SECONDS = 2.0
"""Seconds after which a fetch counts as slow."""
SLOW_PLACES = 4
"""Slow fetches at a time, in all."""
CROWDED_WAIT = 60.0
"""Seconds until another try of a slow fetch for which there was no place."""


class Crowded(RateLimited):
    """The slow lane is full: the fetch was given up, and the picture is not at fault."""


class Lanes:
    """At most `places` quick fetches at a time, and SLOW_PLACES slow ones."""

    def __init__(self, places: int, *, quick_seconds: float = QUICK_SECONDS) -> None:
        self._quick, self._slow = asyncio.Semaphore(places), asyncio.Semaphore(SLOW_PLACES)
        self._quick_seconds = quick_seconds

    async def run(self, fetch: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Await `fetch()`. Raises Crowded if it is slow and the slow lane is full."""
        async with self._quick:
            fetching = asyncio.create_task(fetch())
            await self._wait(fetching, self._quick_seconds)
        try:
            if not fetching.done() and self._slow.locked():
                raise Crowded("Slow server: the picture is fetched again later.", CROWDED_WAIT)
            async with self._slow if not fetching.done() else nullcontext():
                return await fetching
        finally:
            await _end(fetching)

    async def _wait(self, fetching: asyncio.Task[T], seconds: float) -> None:
        try:
            await asyncio.wait([fetching], timeout=seconds)
        except asyncio.CancelledError:
            await _end(fetching)
            raise


async def _end(task: asyncio.Task[T]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
