"""How often one address may ask what nobody has asked before: each such answer is read and encoded for it alone.

A token bucket for each address, in memory. (The `limits` library has windows, not buckets: thirty at once and ten a
second is two of its windows, and a reader who comes back would be refused for the rest of one.)
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

AT_ONCE = 30.0
PER_SECOND = 10.0
ADDRESSES = 10_000
"""Addresses that are remembered; the one that asked longest ago is forgotten first, with a full bucket by then."""


class Throttled(Exception):
    """Too many questions; `wait` is whole seconds until the next may be asked."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"Too many requests: ask again in {wait} s.")
        self.wait = wait


class Throttle:
    """`take(address)` before each costly answer."""

    def __init__(
        self, at_once: float = AT_ONCE, per_second: float = PER_SECOND, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._at_once, self._per_second, self._clock = at_once, per_second, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Raises Throttled."""
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
