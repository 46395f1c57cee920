"""Which walls are listed, as it is known for every reply: asked of the store for all of them, every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlmodel import col, select

from aggregator.store.errors import Outage
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from web.once import Once

REFRESH_INTERVAL = 2.0
"""Seconds."""


class ListedWalls:
    """`has(slug)`: an unlisted wall and one that is not there are the same, and so are all while the store is away."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._slugs: frozenset[str] = frozenset()
        self._read_at: float | None = None
        self._reading = Once(self._read)

    async def has(self, slug: str) -> bool:
        if self._read_at is None or self._clock() - self._read_at >= REFRESH_INTERVAL:
            await self._reading.get()
        return slug in self._slugs

    async def _read(self) -> None:
        try:
            async with self._store.read() as session:
                self._slugs = frozenset(await session.exec(select(Wall.slug).where(col(Wall.listed))))
        except Outage:
            self._slugs = frozenset()
        self._read_at = self._clock()
