"""Transactions, and SQLite's settings."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from aggregator.channel.tables import Channel, Record
from aggregator.migrations import open_store
from aggregator.store.store import Store


async def test_store_keeps_what_was_committed(store: Store) -> None:
    async with store.write() as db:
        db.add(Channel(id="a/wall", epoch="E"))
    async with store.read() as db:
        assert (await db.exec(select(Channel.id))).all() == ["a/wall"]


async def test_store_forgets_a_transaction_that_failed(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.write() as db:
            db.add(Channel(id="a/wall", epoch="E"))
            await db.flush()
            raise ZeroDivisionError
    async with store.read() as db:
        assert (await db.exec(select(Channel.id))).all() == []


async def test_store_holds_foreign_keys(store: Store) -> None:
    with pytest.raises(IntegrityError):
        async with store.write() as db:
            db.add(Record(channel_id="nowhere", kind="post", key="k", seq=1, at=0))


async def test_store_lets_writers_wait_for_one_another(store: Store) -> None:
    """Of fifty concurrent transactions that read and then write, none is lost and none fails."""
    async with store.write() as db:
        db.add(Channel(id="a/wall", epoch="E"))

    async def count_up() -> None:
        async with store.write() as db:
            channel = await db.get_one(Channel, "a/wall", with_for_update=True)
            await asyncio.sleep(0)
            channel.head += 1

    await asyncio.gather(*(count_up() for _ in range(50)))
    async with store.read() as db:
        assert (await db.get_one(Channel, "a/wall")).head == 50


async def test_store_lets_two_processes_write(database_url: str) -> None:
    stores = [Store(database_url) for _ in range(2)]

    async def add(number: int) -> None:
        async with stores[number % 2].write() as db:
            db.add(Channel(id=str(number), epoch="E"))

    await asyncio.gather(*(add(number) for number in range(30)))
    async with stores[0].read() as db:
        assert len((await db.exec(select(Channel.id))).all()) == 30
    for store in stores:
        await store.close()


async def test_sqlite_is_set_up_for_a_living_wall(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/wall.db")
    await open_store(store)
    async with store.read() as db:
        connection = await db.connection()
        await connection.execute(text("SELECT * FROM channel"))
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "wal_autocheckpoint")
        }
    await store.close()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "wal_autocheckpoint": 8000,
    }


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgresql://u:p@h/d", "postgresql+asyncpg"),
        ("postgres://u:p@h/d", "postgresql+asyncpg"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg"),
        ("sqlite:///x.db", "sqlite+aiosqlite"),
    ],
)
async def test_store_takes_the_urls_that_people_write(url: str, driver: str) -> None:
    store = Store(url)
    assert store.url.drivername == driver
    await store.close()


async def test_store_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/wall.db")
    await open_store(store)
    async with store.write() as writing:
        writing.add(Channel(id="a/wall", epoch="E"))
        await writing.flush()
        async with store.read() as db:
            assert (await db.exec(select(Channel.id))).all() == []
    await store.close()
    with sqlite3.connect(tmp_path / "wall.db") as plain:
        assert plain.execute("SELECT id FROM channel").fetchall() == [("a/wall",)]
    plain.close()
