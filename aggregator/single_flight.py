"""A cache that computes a value once for all concurrent callers."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class SingleFlight(Generic[K, V]):
    """Values by key, at most `max_items` and `max_bytes` (by `size`); the least recently used are dropped first.

    A value expires after `max_age` seconds, if that is given. A failure reaches all waiting callers and is not cached.
    """

    def __init__(
        self,
        max_items: int,
        *,
        max_age: float | None = None,
        max_bytes: int | None = None,
        size: Callable[[V], int] = lambda _: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_items, self._max_age, self._max_bytes = max_items, max_age, max_bytes
        self._size, self._clock = size, clock
        self._flights: OrderedDict[K, tuple[float, asyncio.Task[V]]] = OrderedDict()
        self._sizes: dict[K, int] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._flights

    async def get(self, key: K, make: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """Return the value, computed by `make` if it is missing or expired. Raises what `make` raises."""
        begun_at, task = self._flights.get(key, (0.0, None))
        if task is None or (task.done() and self._is_old(begun_at)):
            task = asyncio.create_task(make())
            task.add_done_callback(partial(self._settle, key))
            self._flights[key] = (self._clock(), task)
        self._flights.move_to_end(key)
        if len(self._flights) > self._max_items:
            self._drop_oldest()
        return await asyncio.shield(task)

    def last(self, key: K) -> V | None:
        """Return the last value, however old; None if there is none yet."""
        _, task = self._flights.get(key, (0.0, None))
        return task.result() if task is not None and task.done() and not _has_failed(task) else None

    def _is_old(self, begun_at: float) -> bool:
        return self._max_age is not None and self._clock() - begun_at >= self._max_age

    def _settle(self, key: K, task: asyncio.Task[V]) -> None:
        if self._flights.get(key, (0.0, None))[1] is not task:
            return
        if _has_failed(task):
            del self._flights[key]
            self._sizes.pop(key, None)
            return
        self._sizes[key] = self._size(task.result())
        while self._max_bytes is not None and sum(self._sizes.values()) > self._max_bytes:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        key, _ = self._flights.popitem(last=False)
        self._sizes.pop(key, None)


def _has_failed(task: asyncio.Task[V]) -> bool:
    return task.cancelled() or task.exception() is not None
