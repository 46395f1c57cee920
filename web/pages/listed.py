"""The listed walls, cached for a few seconds because every reply needs to know them."""

from __future__ import annotations

import time
from collections.abc import Callable

from aggregator.single_flight import SingleFlight
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from aggregator.walls.walls import list_walls

REFRESH_INTERVAL = 2.0
"""Seconds."""


class ListedWalls:
    """The set: `has(slug)` is False for unlisted and unknown walls, and for all while the database is unavailable."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._slugs: SingleFlight[None, frozenset[str]] = SingleFlight(1, max_age=REFRESH_INTERVAL, clock=clock)

    async def has(self, slug: str) -> bool:
        return slug in await self._slugs.get(None, self._read)

    async def _read(self) -> frozenset[str]:
        try:
            async with self._store.read() as db:
                return frozenset(wall.slug for wall in await list_walls(db) if wall.listed)
        except Outage:
            return frozenset()
