"""Outages in two plain sentences: with real files, real servers and a real silent network."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree

from aggregator.channel.tables import Channel
from aggregator.migrations import SchemaState, open_store, schema_state_of
from aggregator.store.errors import Outage, outages
from aggregator.store.store import Store
from aggregator.store.url import read_database
from tests.postgres import Postgres

HERE = "127.0.0.1"
SILENT = f"No response from the database server at {HERE}."
SLOW = f"Timed out waiting for the database server at {HERE}."
NOT_LET_IN = f"Authentication failed on the database server at {HERE}."
NO_TLS = f"TLS connection failed to the database server at {HERE}."
DISLIKED = f"Connection parameters rejected by the database server at {HERE}."


async def said(url: str) -> str:
    """Return why a store of this URL cannot be opened."""
    store = Store(url)
    try:
        with pytest.raises(Outage) as outage:
            await open_store(store)
    finally:
        await store.close()
    assert str(outage.value) == f"{outage.value.problem} {outage.value.hint}"
    assert "s3cret" not in str(outage.value)
    return outage.value.problem


# --- SQLite -----------------------------------------------------------------------------------------------------


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("These are my notes. " * 100)
    file = f"{tmp_path}/notes.db"
    assert await said(f"sqlite:///{file}") == f"File is not a SQLite database, or is corrupt: {file}."


async def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "wall.db"
    store = Store(f"sqlite:///{file}")
    await open_store(store)
    await store.close()
    with file.open("r+b") as content:
        content.seek(100)
        content.write(b"\xff" * 4000)
    assert await said(f"sqlite:///{file}") == f"Database is corrupt: {file}."


@pytest.mark.parametrize("name", ["nowhere/wall.db", "folder"])
async def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    assert await said(f"sqlite:///{tmp_path}/{name}") == f"Unable to open the database file {tmp_path}/{name}."


async def test_a_locked_file_is_waited_for_and_then_named(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/wall.db")
    await open_store(store)
    other = sqlite3.connect(tmp_path / "wall.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    try:
        with pytest.raises(Outage) as outage:
            async with store.write() as db:
                db.add(Channel(id="a/wall", epoch="E"))
        assert 4 < time.monotonic() - started < 60
        assert await schema_state_of(store) == SchemaState.CURRENT
        await open_store(store)  # a current schema is only read
    finally:
        other.close()
        await store.close()
    assert outage.value.problem == f"Database is locked by another program: {tmp_path}/wall.db."


def test_other_troubles_of_a_file_have_their_sentences() -> None:
    database = read_database("sqlite:////srv/wall.db")
    told = []
    for code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_LOCKED):
        trouble = sqlite3.OperationalError("…")
        trouble.sqlite_errorcode = code
        with pytest.raises(Outage) as outage, outages(database):
            raise trouble
        told.append(outage.value.problem)
    assert told == [
        "Disk full: the database /srv/wall.db cannot grow.",
        "Database is read-only: /srv/wall.db.",
        "Disk I/O error in the database /srv/wall.db.",
        "Database is locked by another program: /srv/wall.db.",
    ]


async def test_a_fault_of_our_own_is_no_outage(store: Store) -> None:
    with pytest.raises(DBAPIError):
        async with store.read() as db:
            await (await db.connection()).execute(text("SELECT nothing FROM nowhere"))
    with pytest.raises(FileNotFoundError):
        async with store.write():
            raise FileNotFoundError


# --- PostgreSQL -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ("password=s3cret", NOT_LET_IN),
        ("dbname=nothing", f"Database does not exist on the server at {HERE}."),
        ("sslmode=require", NO_TLS),
        ("sslmode=verify-full&sslrootcert=/nowhere/root.crt", NO_TLS),
        ("options=-cwork_mem%3Dlots", DISLIKED),
    ],
)
async def test_a_server_that_refuses_says_why(postgres: Postgres, parameters: str, sentence: str) -> None:
    assert await said(f"{postgres.url('postgres')}?{parameters}") == sentence


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (f"postgresql://wall:s3cret@{HERE}:1/wall", SILENT),
        ("postgresql://wall@/wall?host=/nowhere", "No response from the database server at /nowhere."),
        ("postgresql://wall@nowhere.invalid/wall", "Host not found: nowhere.invalid."),
    ],
)
async def test_a_server_that_is_not_there_is_told(url: str, sentence: str) -> None:
    assert await said(url) == sentence


async def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server((HERE, 0)) as silent:
        port = silent.getsockname()[1]
        assert await said(f"postgresql://wall@{HERE}:{port}/wall?connect_timeout=1") == SLOW


async def test_a_user_who_may_make_no_tables_is_told(postgres: Postgres) -> None:
    name = await postgres.create()
    await postgres.execute(name, "REVOKE ALL ON SCHEMA public FROM PUBLIC, pg_database_owner")
    await postgres.execute(name, "DROP ROLE IF EXISTS guest")
    await postgres.execute(name, "CREATE ROLE guest LOGIN PASSWORD 'guest'; GRANT ALL ON SCHEMA public TO guest")
    await postgres.execute(name, "REVOKE CREATE ON SCHEMA public FROM guest")
    assert await said(f"postgresql://guest:guest@{HERE}:{postgres.port}/{name}") == (
        f"Permission denied to create or use tables on the database server at {HERE}."
    )
    await postgres.drop(name)


async def test_a_connection_that_is_cut_is_told(postgres: Postgres) -> None:
    store = Store(postgres.url("postgres"))
    with pytest.raises(Outage) as outage:
        async with store.read() as db:
            await (await db.connection()).execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert outage.value.problem == f"Connection lost to the database server at {HERE}."
    await store.close()


def test_other_troubles_of_a_server_have_their_sentences() -> None:
    database = read_database("postgresql://wall@hall/wall")
    told = []
    for trouble in (NoneFree(), ssl.SSLError(), ConnectionRefusedError()):
        with pytest.raises(Outage) as outage, outages(database, connecting=True):
            raise trouble
        told.append(outage.value.problem)
    assert told == [
        "Connection pool exhausted for the database hall.",
        "TLS connection failed to the database server at hall.",
        "No response from the database server at hall.",
    ]


# --- a network that dies ----------------------------------------------------------------------------------------


class Line:
    """A connection to a server that can be cut without notice to either end."""

    def __init__(self, port: int) -> None:
        self._far = port
        self.whole = asyncio.Event()
        self.whole.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[int]:
        """Yield the port of the near end."""
        server = await asyncio.start_server(self._carry, HERE, 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            self.whole.set()
            server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.whole.wait()
        far_reader, far_writer = await asyncio.open_connection(HERE, self._far)
        await asyncio.gather(self._pass_on(reader, far_writer), self._pass_on(far_reader, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self.whole.wait()
            writer.write(data)
        writer.close()


async def test_a_network_that_dies_keeps_nobody_waiting_for_ever(postgres: Postgres) -> None:
    name = await postgres.create()
    line = Line(postgres.port)
    async with line.open() as port:
        url = postgres.url(name).replace(str(postgres.port), str(port))
        store = Store(f"{url}?connect_timeout=1", timeout=1.0)
        await open_store(store)
        line.whole.clear()
        for _ in range(2):
            async with asyncio.timeout(30):
                with pytest.raises(Outage) as outage:
                    async with store.write() as db:
                        db.add(Channel(id="a/wall", epoch="E"))
            assert outage.value.problem in {SLOW, f"Connection lost to the database server at {HERE}."}
        line.whole.set()
        async with store.write() as db:
            db.add(Channel(id="a/wall", epoch="E"))
        await store.close()
    await postgres.drop(name)
