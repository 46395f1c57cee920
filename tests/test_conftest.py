"""The database fixtures give each test an empty database, whatever the previous test did."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlmodel import select

from aggregator.channel.tables import Channel
from aggregator.store.store import Store
from aggregator.walls.tables import Wall


@pytest.mark.parametrize(
    "deed",
    [
        "INSERT INTO channel (id, epoch, head) VALUES ('left/behind', 'e', 1)",
        "UPDATE alembic_version SET version_num = 'another'",
        "DROP TABLE alembic_version",
        "DROP INDEX record_by_seq",
        "ALTER TABLE channel ADD COLUMN more INTEGER",
    ],
)
class TestAnEmptyDatabase:
    """Each test of the pair finds an empty database, in any order and on any worker."""

    async def test_first_turn(self, store: Store, deed: str) -> None:
        await spoil(store, deed)

    async def test_second_turn(self, store: Store, deed: str) -> None:
        await spoil(store, deed)


async def spoil(store: Store, deed: str) -> None:
    async with store.write() as db:
        assert (await db.exec(select(Channel))).all() == []
        db.add(wall := Wall(slug="hall", name="The hall"))
        await db.flush()
        assert wall.id == 1
        assert len((await db.exec(select(Wall))).all()) == 1
        await (await db.connection()).execute(text(deed))
