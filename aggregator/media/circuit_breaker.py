"""How the hosts that pictures come from have behaved of late, so that a slow or silent one holds up nobody else's.

It refuses to know how a picture is fetched. (Spacing and `Retry-After` are the client's business.)
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from urllib.parse import urlsplit

MAX_PER_HOST = 2
"""Pictures fetched from one host at the same time."""
MAX_MISSES = 3
"""After so many pictures in a row without an answer a host is silent …"""
OPEN_FOR = timedelta(minutes=1)
"""… and for so long not asked for any."""
MAX_HOSTS = 1000
"""Hosts; then those that have nothing in hand are forgotten."""


class Host:
    """One host. Hold `slots` while fetching from it, then say whether it answered."""

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(MAX_PER_HOST)
        self.callers = 0
        self._misses = 0
        self._silent_until: datetime | None = None

    def is_silent(self, at: datetime) -> bool:
        left = self._silent_until - at if self._silent_until else timedelta(0)
        return timedelta(0) < left <= OPEN_FOR  # more only if the clock has stepped back

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
        """The host in the URL; where a URL has none, its network stands for it."""
        if len(self._hosts) >= MAX_HOSTS:
            self._hosts = {name: host for name, host in self._hosts.items() if host.callers}
        return self._hosts.setdefault(_name(url) or network, Host())


def _name(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
