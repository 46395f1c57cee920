"""Rate limits per address for uncached requests, whose replies are read and encoded for one client alone.

A token bucket for each address, in memory. (The `limits` library has windows, not buckets: a client that uses up a
burst would be refused for the rest of its window.)
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

AT_ONCE = 30.0
PER_SECOND = 10.0
ADDRESSES = 10_000
"""Addresses that are remembered. The least recently used is dropped first; its bucket is full again by then."""


class Throttled(Exception):
    """Too many requests; `wait` is the whole seconds until the next is allowed."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"Too many requests: try again in {wait} s.")
        self.wait = wait


class Throttle:
    """The buckets. Call `take(address)` before each uncached reply."""

    def __init__(
        self, at_once: float = AT_ONCE, per_second: float = PER_SECOND, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._at_once, self._per_second, self._clock = at_once, per_second, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Take a token of this address. Raises Throttled."""
        at = self._clock()
        level, since = self._buckets.get(address, (self._at_once, at))
        level = min(self._at_once, level + max(0.0, at - since) * self._per_second)
        if level < 1:
            self._buckets[address] = (level, at)
            raise Throttled(max(1, math.ceil((1 - level) / self._per_second)))
        self._buckets[address] = (level - 1, at)
        self._buckets.move_to_end(address)
        if len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)
