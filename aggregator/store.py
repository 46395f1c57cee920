"""The store: one engine to read, one to write, and transactions that tell the hub which channels they moved.

It owns connections, transactions and the schema's version; it refuses to know what the tables mean.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.migrations import upgrade

MOVED = "moved"
DRIVERS = {"postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}

log = structlog.get_logger()

Listener = Callable[[frozenset[str]], None]


def moved(session: AsyncSession, channel_id: str) -> None:
    """Note that this transaction changes a channel, so that readers hear of it right after the commit."""
    session.info.setdefault(MOVED, set()).add(channel_id)


class Store:
    """SQLite (WAL) or PostgreSQL, by the URL. SQLite gets one writing connection: writers queue here, not in SQLite."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.url: URL = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
        self.dialect: str = self.url.get_backend_name()
        self._listeners: list[Listener] = []
        if self.dialect == "sqlite":
            self._reader = _sqlite_engine(self.url, "BEGIN", pool_size=5)
            self._writer = _sqlite_engine(self.url, "BEGIN IMMEDIATE", pool_size=1)
        else:
            self._reader = self._writer = create_async_engine(self.url, pool_size=10, pool_pre_ping=True)

    def listen(self, listener: Listener) -> None:
        """Call `listener` with the ids of the channels that each committed transaction moved."""
        self._listeners.append(listener)

    async def open(self) -> None:
        """Bring the schema up to date. Processes that start together wait for one another."""
        async with self._writer.begin() as connection:
            await connection.run_sync(self._upgrade)

    def _upgrade(self, connection: Connection) -> None:
        if self.dialect == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('backchannel schema'))")
        upgrade(connection)

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only looks."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end of the block, rolled back if the block raises."""
        async with AsyncSession(self._writer, expire_on_commit=False) as session:
            async with session.begin():
                yield session
            channels = frozenset(session.info.pop(MOVED, ()))
        if channels:
            for listener in self._listeners:
                listener(channels)


def _sqlite_engine(url: URL, begin: str, *, pool_size: int) -> AsyncEngine:
    """SQLite as we want it: WAL, foreign keys, patience, and a transaction that begins the way we say.

    `synchronous=FULL` because a number that a screen has seen must survive a power cut: a head that falls back
    would hand the same numbers out twice.

    In a large database a batch of posts writes a thousand pages, which is when SQLite moves the log into the database:
    with every batch, then. At eight times that (32 MB), pages that several batches write are moved once.
    """
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_timeout=60)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "busy_timeout=20000",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-65536",
            "temp_store=MEMORY",
            "wal_autocheckpoint=8000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
