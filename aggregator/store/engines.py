"""The engines of a store: how each kind of database is connected to, how often, and how long it may keep us waiting.

It owns what is set on every connection; it refuses to know what is asked over it.
"""

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
"""Seconds to wait for another process that writes. Its transactions take a fraction of one; ours queue in the pool."""
POOL_TIMEOUT = 30.0
"""Seconds to wait for one of our own connections."""
READ_TIMEOUT = 15.0
"""Seconds that one question to PostgreSQL may take: somebody waits for the page that it is for."""
POOL_SIZE = 5
POOL_OVERFLOW = 5
"""Further connections to PostgreSQL for readers, and as many for writers, that are closed again after use."""
WRITER_CACHE, READER_CACHE = 64, 8
"""Megabytes of the database in each of SQLite's connections: writers go back to pages that they have just written."""

KEEPALIVE_OPTIONS = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}
"""How soon a connection whose other end has gone is given up, in seconds (the last: milliseconds)."""
SERVER_SETTINGS = {
    # A process of ours that hangs or loses its network must not keep rows locked that others wait for.
    "idle_in_transaction_session_timeout": "60000",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


def make(database: Database, patience: float) -> tuple[AsyncEngine, AsyncEngine]:
    """An engine to read with, and one to write with. Readers of the wall never wait for a connection of a poller."""
    if database.dialect == "sqlite":
        return (
            _sqlite(database, POOL_SIZE, READER_CACHE, begin="BEGIN"),
            _sqlite_writer(database),
        )
    return _postgresql(database, min(patience, READ_TIMEOUT)), _postgresql(database, patience)


@asynccontextmanager
async def migrating(database: Database) -> AsyncIterator[AsyncConnection]:
    """One transaction on a connection of its own, whose statements may take as long as they need."""
    engine = _sqlite_writer(database) if database.dialect == "sqlite" else _postgresql(database, None)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def autocommit(database: Database) -> AsyncIterator[AsyncConnection]:
    """The same without a transaction: each statement stands for itself, as some must."""
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


def _postgresql(database: Database, patience: float | None) -> AsyncEngine:
    told = database.driver.get("server_settings", {})
    engine = create_async_engine(
        database.url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT,
        pool_pre_ping=True,
        connect_args={
            **database.driver,
            "server_settings": SERVER_SETTINGS | told,
            "command_timeout": patience,
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
    """Have the system notice that the server is gone. The driver offers no road to its socket but this one."""
    transport = connection.driver_connection._transport  # noqa: SLF001  the driver has no public name for it
    line = transport.get_extra_info("socket")
    if line.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE_OPTIONS.items():
        with suppress(AttributeError):  # where the system has none by that name
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


# --- SQLite -----------------------------------------------------------------------------------------------------


def _sqlite_writer(database: Database) -> AsyncEngine:
    """The one that also turns a database to WAL, which stays: a file that is only looked at is not changed."""
    return _sqlite(database, 1, WRITER_CACHE, "journal_mode=WAL", begin="BEGIN IMMEDIATE")


def _sqlite(database: Database, size: int, cache: int, *more: str, begin: str) -> AsyncEngine:
    """SQLite as we want it: foreign keys, patience, and a transaction that begins the way we say.

    `synchronous=FULL` because a number that a screen has seen must survive a power cut: a head that falls back
    would hand the same numbers out twice.

    In a large database a batch of posts writes a thousand pages, which is when SQLite moves the log into the database:
    with every batch, then. At eight times that (32 MB), pages that several batches write are moved once.
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
        """The driver's thread, where it cannot open the file, speaks up once more when its loop may be closed."""
        sqlite3.connect(database.location).close()

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            *more,
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is taken back is overwritten: no token, no word of a deleted post stays behind
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
