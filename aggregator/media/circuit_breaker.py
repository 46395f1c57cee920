"""A circuit breaker for each host of pictures, so that a slow or silent host delays no other host's pictures.

(The HTTP client handles spacing and `Retry-After`.)
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from connectors.contract.origin import host_of_key

MAX_PER_HOST = 2
"""Pictures fetched from one host at the same time."""
MAX_MISSES = 3
"""Consecutive pictures without a response after which a host counts as silent."""
OPEN_FOR = timedelta(minutes=1)
"""How long no picture is requested from a silent host."""
MAX_HOSTS = 1000
"""Hosts in memory, above which idle ones are dropped."""


class Host:
    """One host. Hold `slots` while fetching from it, then call `answered` or `missed`."""

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(MAX_PER_HOST)
        self.callers = 0
        self._misses = 0
        self._silent_until: datetime | None = None

    def is_silent(self, at: datetime) -> bool:
        left = self._silent_until - at if self._silent_until else timedelta(0)
        return timedelta(0) < left <= OPEN_FOR  # more only if the clock was set back

    def answered(self) -> None:
        self._misses = 0
        self._silent_until = None

    def missed(self, at: datetime) -> None:
        self._misses += 1
        if self._misses >= MAX_MISSES:
            self._silent_until = at + OPEN_FOR


class CircuitBreaker:
    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}

    def of(self, network: str, url: str) -> Host:
        """Return the host in the URL, or one for the network if the URL has none."""
        if len(self._hosts) >= MAX_HOSTS:
            self._hosts = {name: host for name, host in self._hosts.items() if host.callers}
        return self._hosts.setdefault(host_of_key(url) or network, Host())
