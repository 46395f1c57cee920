"""A copied or restored store renews its epochs; a store at its recorded location does not."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select
from structlog.testing import capture_logs

from aggregator.audit.actor import UNNAMED
from aggregator.channel.identity import StoreIdentity, keep_identity, settle_identity
from aggregator.channel.tables import Channel
from aggregator.migrations import open_store
from aggregator.store.store import Store
from aggregator.walls.walls import create_wall
from tests.postgres import Postgres


async def epochs(store: Store) -> list[str]:
    async with store.read() as db:
        return list(await db.exec(select(Channel.epoch).order_by(Channel.id)))


@pytest.fixture
async def settled(store: Store) -> Store:
    async with store.write() as db:
        await create_wall(db, "hall", "The hall", by=UNNAMED)
    await settle_identity(store)
    return store


async def test_settle_identity_leaves_a_store_alone_that_is_where_it_was(settled: Store) -> None:
    before = await epochs(settled)
    assert await settle_identity(settled) == 0
    assert await epochs(settled) == before


async def test_settle_identity_renews_a_store_that_has_noted_nothing(settled: Store) -> None:
    before = await epochs(settled)
    async with settled.write() as db:
        await (await db.connection()).execute(text("DELETE FROM store_identity"))
    assert await settle_identity(settled) == len(before)
    assert not set(before) & set(await epochs(settled))
    assert await settle_identity(settled) == 0


async def test_settle_identity_tells_those_who_listen(settled: Store) -> None:
    heard: list[str] = []
    settled.listen(heard.extend)
    async with settled.write() as db:
        await (await db.connection()).execute(text("UPDATE store_identity SET location = 'elsewhere'"))
    await settle_identity(settled)
    assert sorted(heard) == ["hall/desk", "hall/wall"]


# --- SQLite: a file, and its marker -----------------------------------------------------------------------------


class Turns:
    """A substitute for `asyncio.sleep`: the waiting loop runs once more, and then ends."""

    def __init__(self, times: int) -> None:
        self.left = times

    async def sleep(self, _seconds: float) -> None:
        self.left -= 1
        if self.left <= 0:
            raise asyncio.CancelledError


def drafts(folder: Path) -> list[Path]:
    return list(folder.glob(".hall*"))


async def keep(store: Store, times: int = 1) -> None:
    with suppress(asyncio.CancelledError):
        await keep_identity(store, Turns(times).sleep)


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Store]:
    """A settled store in `data/hall.db`."""
    folder = tmp_path / "data"
    folder.mkdir()
    store = Store(f"sqlite:///{folder}/hall.db")
    await open_store(store)
    async with store.write() as db:
        await create_wall(db, "hall", "The hall", by=UNNAMED)
    await settle_identity(store)
    yield store
    await store.close()


async def test_settle_identity_knows_a_copied_file(hall: Store, tmp_path: Path) -> None:
    before = await epochs(hall)
    await hall.close()
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    copied = Store(f"sqlite:///{tmp_path}/copy/hall.db")
    try:
        assert await settle_identity(copied) == len(before)
        assert not set(before) & set(await epochs(copied))
    finally:
        await copied.close()


async def test_settle_identity_knows_an_older_database_in_the_very_same_file(hall: Store, tmp_path: Path) -> None:
    file = tmp_path / "data" / "hall.db"
    await hall.close()
    older = file.read_bytes()
    await keep(hall)
    assert await settle_identity(hall) == 0
    await hall.close()
    file.write_bytes(older)
    assert await settle_identity(hall) == 2


async def test_settle_identity_knows_a_folder_that_was_moved_for_the_same(hall: Store, tmp_path: Path) -> None:
    await keep(hall)
    await hall.close()
    shutil.move(tmp_path / "data", tmp_path / "moved")
    moved = Store(f"sqlite:///{tmp_path}/moved/hall.db")
    try:
        assert await settle_identity(moved) == 0
    finally:
        await moved.close()


async def test_settle_identity_renews_where_the_marker_is_gone(hall: Store, tmp_path: Path) -> None:
    (tmp_path / "data" / "hall.db.marker").unlink()
    assert await settle_identity(hall) == 2
    assert await settle_identity(hall) == 0


async def test_settle_identity_knows_an_older_copy_that_was_made_since_the_last_renewal(
    hall: Store, tmp_path: Path
) -> None:
    """A server that stops normally renews the marker once more."""
    file, copy = tmp_path / "data" / "hall.db", tmp_path / "copy.db"

    async def copied(_: float) -> None:
        with closing(sqlite3.connect(file)) as now, closing(sqlite3.connect(copy)) as then:
            now.backup(then)
        raise asyncio.CancelledError

    with suppress(asyncio.CancelledError):
        await keep_identity(hall, copied)
    before = await epochs(hall)
    assert await settle_identity(hall) == 0
    await hall.close()
    shutil.copyfile(copy, file)  # into the same file
    assert await settle_identity(hall) == len(before)


async def test_keep_identity_goes_on_when_the_marker_cannot_be_made(hall: Store, tmp_path: Path) -> None:
    marker = tmp_path / "data" / "hall.db.marker"
    marker.unlink()
    marker.mkdir()
    with capture_logs() as logs:
        await keep(hall, times=2)
    assert [line["event"] for line in logs] == ["database marker not renewed"] * 3
    assert not drafts(marker.parent)


# --- PostgreSQL: a cluster, a database, a table -----------------------------------------------------------------


async def test_settle_identity_knows_a_dump_that_was_put_back_into_the_same_database(postgres: Postgres) -> None:
    """As `pg_restore --clean` does: the tables are created again and filled with the same rows."""
    name = await postgres.create()
    store = Store(postgres.url(name))
    try:
        await open_store(store)
        async with store.write() as db:
            await create_wall(db, "hall", "The hall", by=UNNAMED)
        await settle_identity(store)
        before = await epochs(store)
        async with store.write() as db:
            connection = await db.connection()
            await connection.execute(text("CREATE TABLE kept AS SELECT * FROM channel"))
            await connection.execute(text("DROP TABLE channel CASCADE"))
            await connection.execute(text("ALTER TABLE kept RENAME TO channel"))
        assert await settle_identity(store) == len(before)
        assert not set(before) & set(await epochs(store))
        await asyncio.wait_for(keep_identity(store), 30)  # PostgreSQL needs no marker
    finally:
        await store.close()
        await postgres.drop(name)


async def test_settle_identity_does_without_a_cluster_s_data(postgres: Postgres) -> None:
    """Without permission to read it, as at some providers, the database and the table are still distinguished."""
    name = await postgres.create()
    store = Store(postgres.url(name))
    try:
        await open_store(store)
        async with store.write() as db:
            await create_wall(db, "hall", "The hall", by=UNNAMED)
            connection = await db.connection()
            await connection.execute(text("CREATE ROLE plain"))
            await connection.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA public TO plain"))
            await connection.execute(text("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC"))
        plain = Store(postgres.url(name) + "?options=-c%20role%3Dplain")
        assert await settle_identity(plain) == 2
        assert await settle_identity(plain) == 0
        async with plain.read() as db:
            [noted] = (await db.exec(select(StoreIdentity.location))).all()
        await plain.close()
        assert len(noted.split()) == len(["postgresql", "the database", "the table"])
    finally:
        await store.close()
        await postgres.drop(name)
