"""The hosts and ports of sources: the only private ones from which pictures are fetched."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from sqlmodel import select

from aggregator.sources.tables import Source
from aggregator.store.store import Store

REFRESH_INTERVAL = 5.0
"""Seconds between two reads of the list."""
PORTS = {"http": 80, "https": 443}


class SourceHosts:
    """`has(host, port)`, from the sources in the store."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._known: frozenset[tuple[str, int]] = frozenset()
        self._read_at = -REFRESH_INTERVAL

    async def has(self, host: str, port: int) -> bool:
        """Whether a source uses this host and port. Raises Outage."""
        if self._clock() - self._read_at >= REFRESH_INTERVAL:
            async with self._store.read() as db:
                rows = (await db.exec(select(Source.server, Source.value))).all()
            self._known = frozenset(filter(None, (_origin(server or value) for server, value in rows)))
            self._read_at = self._clock()
        return (host.lower().strip("[]"), port) in self._known


def _origin(address: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (host, port) if host and port else None
