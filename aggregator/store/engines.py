"""The engines of a store: the settings, pools and time-outs of connections to each kind of database."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Dialect, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from aggregator.store.errors import outages
from aggregator.store.url import Database

SQLITE_BUSY_TIMEOUT = 5.0
"""Seconds to wait for another writing process, whose transactions take a fraction of one."""
POOL_TIMEOUT = 30.0
"""Seconds to wait for a connection from the pool."""
READ_TIMEOUT = 15.0
"""Seconds for one query of PostgreSQL, because a visitor is waiting for the page."""
POOL_SIZE = 5
POOL_OVERFLOW = 5
"""Further connections to PostgreSQL for readers, and as many for writers, which are closed after use."""
WRITER_CACHE, READER_CACHE = 64, 8
"""Megabytes of cache for each connection to SQLite: writers reuse the pages that they have just written."""

KEEPALIVE_OPTIONS = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}
"""When a dead connection is given up, in seconds (the last one in milliseconds)."""
SERVER_SETTINGS = {
    # A process that hangs or loses its network must not keep rows locked.
    "idle_in_transaction_session_timeout": "60000",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


def make(database: Database, timeout: float) -> tuple[AsyncEngine, AsyncEngine]:
    """Return an engine for reading and one for writing, so that readers never wait for a poller's connection."""
    if database.dialect == "sqlite":
        return (
            _sqlite(database, POOL_SIZE, READER_CACHE, begin="BEGIN"),
            _sqlite_writer(database),
        )
    return _postgresql(database, min(timeout, READ_TIMEOUT)), _postgresql(database, timeout)


@asynccontextmanager
async def migrating(database: Database) -> AsyncIterator[AsyncConnection]:
    """Open one transaction on a separate connection, without a time-out for its statements."""
    engine = _sqlite_writer(database) if database.dialect == "sqlite" else _postgresql(database, None)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def autocommit(database: Database) -> AsyncIterator[AsyncConnection]:
    """Open the same without a transaction, for statements that cannot run in one."""
    if database.dialect == "sqlite":
        engine = _sqlite(database, 1, WRITER_CACHE, begin="")
    else:
        engine = _postgresql(database, None)
    try:
        async with engine.connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")
    finally:
        await engine.dispose()


# --- PostgreSQL -------------------------------------------------------------------------------------------------


def _postgresql(database: Database, timeout: float | None) -> AsyncEngine:
    given = database.driver.get("server_settings", {})
    engine = create_async_engine(
        database.url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT,
        pool_pre_ping=True,
        connect_args={
            **database.driver,
            "server_settings": SERVER_SETTINGS | given,
            "command_timeout": timeout,
        },
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Dialect, _record: object, _arguments: object, options: dict[str, Any]) -> Any:
        with outages(database, connecting=True):
            connection = dialect.connect(**options)
        _watch(connection)
        return connection

    return engine


def _watch(connection: Any) -> None:
    """Set TCP keepalive on the connection's socket, so that a lost server is noticed."""
    transport = connection.driver_connection._transport  # noqa: SLF001  the driver has no public name for it
    connected = transport.get_extra_info("socket")
    if connected.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE_OPTIONS.items():
        with suppress(AttributeError):  # not available on every system
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


# --- SQLite -----------------------------------------------------------------------------------------------------


def _sqlite_writer(database: Database) -> AsyncEngine:
    """Return the writing engine, which turns on WAL; reading never changes a file."""
    return _sqlite(database, 1, WRITER_CACHE, "journal_mode=WAL", begin="BEGIN IMMEDIATE")


def _sqlite(database: Database, size: int, cache: int, *more: str, begin: str) -> AsyncEngine:
    """Return an engine for SQLite with foreign keys, a busy time-out, and transactions that start with `begin`.

    `synchronous=FULL` because a seq that a screen has received must survive a power cut; else it would be given twice.

    A batch of posts in a large database writes a thousand pages, at which SQLite by default checkpoints its log, so
    with every batch. At eight times that (32 MB), pages that several batches write are checkpointed once.
    """
    engine = create_async_engine(
        database.url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT,
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT},
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def try_file(*_: object) -> None:
        """Open the file here first: a failure in the driver's thread would be reported after its loop is closed."""
        sqlite3.connect(database.location).close()

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            *more,
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # deleted tokens and posts are overwritten
            f"cache_size={-cache * 1024}",
            "temp_store=MEMORY",
            "wal_autocheckpoint=8000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    if begin:

        @event.listens_for(engine.sync_engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine
