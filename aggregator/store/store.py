"""The store: one engine to read, one to write, and transactions that tell the hub which channels they moved.

It owns transactions. The schema is `aggregator.migrations`' affair.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.store import engines
from aggregator.store.errors import outages
from aggregator.store.url import read_database

CHANGED = "moved"
STATEMENT_TIMEOUT = 60.0
"""Seconds that a PostgreSQL server may take over one statement, unless it migrates: a dead network says nothing."""

Listener = Callable[[frozenset[str]], None]
Session = AsyncSession
"""A transaction, or a look, as `Store.write` and `Store.read` hand it out."""


def mark_changed(db: AsyncSession, channel_id: str) -> None:
    """Note that this transaction changes a channel, so that readers hear of it right after the commit."""
    db.info.setdefault(CHANGED, set()).add(channel_id)


class Store:
    """SQLite (WAL) or PostgreSQL, by the URL. SQLite gets one writing connection: writers queue here, not in SQLite.

    Whatever makes the database unusable, for a moment or for good, is raised as an Outage.
    """

    def __init__(self, url: str, *, patience: float = STATEMENT_TIMEOUT) -> None:
        self.database = read_database(url)
        self.url: URL = self.database.url
        self.dialect: str = self.database.dialect
        self._listeners: list[Listener] = []
        self._reader, self._writer = engines.make(self.database, patience)

    def listen(self, listener: Listener) -> None:
        """Call `listener` with the ids of the channels that each committed transaction moved."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """One transaction on a connection of its own, whose statements may take as long as they need."""
        with outages(self.database):
            async with engines.migrating(self.database) as connection:
                yield connection

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A connection that only looks."""
        with outages(self.database):
            async with self._reader.connect() as connection:
                yield connection

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """A connection of its own and no transaction, for statements that take long or must stand for themselves."""
        with outages(self.database):
            async with engines.autocommit(self.database) as connection:
                yield connection

    async def forget(self) -> None:
        """Empty SQLite's log, which still has what was replaced or deleted. Not where somebody reads it just now."""
        if self.dialect == "sqlite":
            async with self.autocommit() as connection:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only looks."""
        with outages(self.database):
            async with AsyncSession(self._reader, expire_on_commit=False) as db:
                yield db

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end of the block, rolled back if the block raises."""
        with outages(self.database):
            async with AsyncSession(self._writer, expire_on_commit=False) as db:
                async with db.begin():
                    yield db
                channels = frozenset(db.info.pop(CHANGED, ()))
        if channels:
            for listener in self._listeners:
                listener(channels)
