"""The schema's history: it leads to the tables as they are, and large tables are rewritten in small steps."""

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, text, update
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator import house  # noqa: F401  (all tables are known once the house is)
from aggregator.channel.tables import Channel
from aggregator.migrations import ForeignSchema, NewerSchema, Standing, backfills, current, head, upgrade
from aggregator.migrations.tables import Backfill
from aggregator.outage import Outage
from aggregator.store import Store
from tests.postgres import Postgres

BATCH = 7


async def test_migrations_lead_to_the_tables_as_they_are(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))

    async with store.read() as session:
        connection = await session.connection()
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(current) == head()


async def test_store_opens_once_for_all_who_start_together(database_url: str) -> None:
    stores = [Store(database_url) for _ in range(3)]
    await asyncio.gather(*(store.open() for store in stores))
    for store in stores:
        await store.close()


async def test_upgrade_refuses_a_database_from_the_future(store: Store) -> None:
    async with store.write() as session:
        await (await session.connection()).execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match="at version 9999, which this Backchannel does not know"):
        await store.open()
    async with store.write() as session:
        connection = await session.connection()
        await connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head()})
        await connection.run_sync(upgrade)


async def test_upgrade_leaves_another_program_s_tables_alone(tmp_path: Path, postgres: Postgres) -> None:
    """A file is one program's; a server's database may have tables beside ours, unless they have our names."""
    name = await postgres.create()
    for url, table, foreign in [
        (f"sqlite:///{tmp_path}/notes.db", "notes", True),
        (postgres.url(name), "wall", True),
        (postgres.url(name), "notes", False),
    ]:
        store = Store(url)
        async with store.write() as session:
            await (await session.connection()).execute(text(f"CREATE TABLE {table} (words TEXT)"))
        if foreign:
            with pytest.raises(ForeignSchema, match="The database belongs to another program"):
                await store.open()
        async with store.write() as session:
            await (await session.connection()).execute(text(f"DROP TABLE {table}"))
        if not foreign:
            await store.open()
            assert await store.standing() == Standing.CURRENT
        await store.close()
    await postgres.drop(name)


# --- backfills --------------------------------------------------------------------------------------------------


async def fill(store: Store, rows: int) -> None:
    async with store.write() as session:
        session.add_all([Channel(id=f"{n:04}", epoch="old") for n in range(rows)])


async def renew(session: AsyncSession, position: str) -> str | None:
    """Give a batch of channels a new epoch, and count each time that a row is touched."""
    query = select(Channel.id).where(Channel.id > position).order_by(col(Channel.id)).limit(BATCH)
    batch = (await session.exec(query)).all()
    touched = update(Channel).where(col(Channel.id).in_(batch))
    await session.exec(touched.values(epoch="new", head=Channel.head + 1))
    return batch[-1] if len(batch) == BATCH else None


async def epochs(store: Store) -> dict[tuple[str, int], int]:
    async with store.read() as session:
        query = select(Channel.epoch, Channel.head, func.count()).group_by(col(Channel.epoch), col(Channel.head))
        return {(epoch, touched): count for epoch, touched, count in await session.exec(query)}


async def test_backfill_rewrites_every_row_once(store: Store) -> None:
    await fill(store, 20)
    await backfills.run(store, {"renew": renew}, breath=0)
    await backfills.run(store, {"renew": renew}, breath=0)
    assert await epochs(store) == {("new", 1): 20}


async def test_backfill_goes_on_where_it_was_interrupted(store: Store) -> None:
    await fill(store, 20)
    steps = 0

    async def killed_in_the_second_step(session: AsyncSession, position: str) -> str | None:
        nonlocal steps
        steps += 1
        following = await renew(session, position)
        if steps == 2:
            raise ConnectionAbortedError
        return following

    with pytest.raises(ConnectionAbortedError):
        await backfills.run(store, {"renew": killed_in_the_second_step}, breath=0)
    assert await epochs(store) == {("new", 1): BATCH, ("old", 0): 20 - BATCH}
    await backfills.run(store, {"renew": renew}, breath=0)
    assert await epochs(store) == {("new", 1): 20}
    async with store.read() as session:
        assert (await session.get_one(Backfill, "renew")).done


async def test_backfill_waits_for_a_database_that_is_away(store: Store) -> None:
    await fill(store, 20)
    away = iter([False, True, True, False, False, False])

    async def now_and_then(session: AsyncSession, position: str) -> str | None:
        if next(away):
            raise Outage("The database is away.", "Try again in a moment.")
        return await renew(session, position)

    await backfills.run(store, {"renew": now_and_then}, breath=0, rest=0)
    assert await epochs(store) == {("new", 1): 20}


async def test_backfill_lets_others_write_between_its_steps(store: Store) -> None:
    await fill(store, 100)
    running = asyncio.create_task(backfills.run(store, {"renew": renew}, breath=0.01))
    async with asyncio.timeout(5), store.write() as session:
        session.add(Channel(id="meanwhile", epoch="other"))
    assert not running.done()
    await running
