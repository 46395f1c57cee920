"""The store: an engine for reading, one for writing, and transactions that notify the hub of changed channels."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.store import engines
from aggregator.store.errors import outages
from aggregator.store.url import read_database

CHANGED = "changed_channels"
STATEMENT_TIMEOUT = 60.0
"""Seconds for one statement on PostgreSQL, except migrations, in case the network is dead."""

Listener = Callable[[frozenset[str]], None]
Session = AsyncSession
"""A database session of `Store.write` or `Store.read`."""


def mark_changed(db: AsyncSession, channel_id: str) -> None:
    """Note that this transaction changes a channel, so that the hub is notified right after the commit."""
    db.info.setdefault(CHANGED, set()).add(channel_id)


class Store:
    """A SQLite (WAL) or PostgreSQL database. SQLite has one writing connection, for which writers queue here.

    Any error that makes the database unavailable, briefly or permanently, is raised as an Outage.
    """

    def __init__(self, url: str, *, timeout: float = STATEMENT_TIMEOUT) -> None:
        self.database = read_database(url)
        self.url: URL = self.database.url
        self.dialect: str = self.database.dialect
        self._listeners: list[Listener] = []
        self._reader, self._writer = engines.make(self.database, timeout)

    def listen(self, listener: Listener) -> None:
        """Call `listener` with the ids of the channels that each committed transaction changed."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """Open one transaction on a separate connection, without a time-out for its statements."""
        with outages(self.database):
            async with engines.migrating(self.database) as connection:
                yield connection

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """Open a read-only connection."""
        with outages(self.database):
            async with self._reader.connect() as connection:
                yield connection

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """Open a separate connection without a transaction, for statements that are slow or cannot run in one."""
        with outages(self.database):
            async with engines.autocommit(self.database) as connection:
                yield connection

    async def forget(self) -> None:
        """Empty SQLite's log, which still has replaced and deleted data, as far as no reader needs it."""
        if self.dialect == "sqlite":
            async with self.autocommit() as connection:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a read-only session."""
        with outages(self.database):
            async with AsyncSession(self._reader, expire_on_commit=False) as db:
                yield db

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction: committed at the end of the block, rolled back if the block raises."""
        with outages(self.database):
            async with AsyncSession(self._writer, expire_on_commit=False) as db:
                async with db.begin():
                    yield db
                channels = frozenset(db.info.pop(CHANGED, ()))
        if channels:
            for listener in self._listeners:
                listener(channels)
