"""Migrations lead to the current tables, and large tables are rewritten in small steps."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, TextClause, func, inspect, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator import runtime  # noqa: F401  (all tables are known once the runtime is)
from aggregator.channel.tables import Channel
from aggregator.migrations import (
    HERE,
    ForeignSchema,
    NewerSchema,
    SchemaState,
    backfills,
    current,
    head,
    open_store,
    schema_state_of,
    upgrade,
)
from aggregator.migrations.indexes import Index
from aggregator.migrations.tables import Backfill
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.postgres import Postgres

BATCH = 7
A_WALL = text(
    "INSERT INTO wall (slug, name, hashtag, time_zone, mode, look, created_at)"
    " VALUES ('hall', 'The hall', '', 'UTC', 'open', '{}', 0)"
)
"""A row as the schema has had it until 0003; later columns have defaults."""


async def test_migrations_lead_to_the_tables_as_they_are(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))

    async with store.read() as db:
        connection = await db.connection()
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(current) == head()


def test_files_of_the_history_are_named_after_their_versions_in_order() -> None:
    """So that the newest version is known without importing Alembic."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    history = list(ScriptDirectory.from_config(config).walk_revisions())
    assert [Path(script.path).name.partition("_")[0] for script in history] == [script.revision for script in history]
    assert sorted((script.revision for script in history), reverse=True) == [script.revision for script in history]
    assert history[0].revision == head()


async def test_store_opens_once_for_all_who_start_together(database_url: str) -> None:
    stores = [Store(database_url) for _ in range(3)]
    await asyncio.gather(*(open_store(store) for store in stores))
    for store in stores:
        await store.close()


async def test_upgrade_refuses_a_database_from_the_future(store: Store) -> None:
    async with store.write() as db:
        await (await db.connection()).execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match="Unknown database version 9999: it was written by a newer Backchannel"):
        await open_store(store)
    async with store.write() as db:
        connection = await db.connection()
        await connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head()})
        await connection.run_sync(upgrade)


async def test_upgrade_leaves_another_program_s_tables_alone(tmp_path: Path, postgres: Postgres) -> None:
    """A file belongs to one program; a PostgreSQL database may have other tables, unless their names clash."""
    name = await postgres.create()
    for url, table, foreign in [
        (f"sqlite:///{tmp_path}/notes.db", "notes", True),
        (postgres.url(name), "wall", True),
        (postgres.url(name), "notes", False),
    ]:
        store = Store(url)
        async with store.write() as db:
            await (await db.connection()).execute(text(f"CREATE TABLE {table} (words TEXT)"))
        if foreign:
            with pytest.raises(ForeignSchema, match="it belongs to another program"):
                await open_store(store)
        async with store.write() as db:
            await (await db.connection()).execute(text(f"DROP TABLE {table}"))
        if not foreign:
            await open_store(store)
            assert await schema_state_of(store) == SchemaState.CURRENT
        await store.close()
    await postgres.drop(name)


async def test_upgrade_lists_the_walls_that_were_there(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/older.db")
    async with store.write() as db:
        connection = await db.connection()
        await connection.run_sync(lambda connection: upgrade(connection, "0003"))
        await connection.execute(A_WALL)
    await open_store(store)
    async with store.read() as db:
        assert (await db.exec(select(Wall.listed))).all() == [True]
    await store.close()


BEFORE: dict[str, tuple[str, list[tuple[str | int, ...]]]] = {
    "decision": (
        'wall_id, post_id, before, after, why, "by", at',
        [
            (1, "one", "held", "live", "", "cli:ada", 10),
            (1, "one", "live", "hidden", "spam", "kim", 30),
            (1, "two", "live", "hidden", "left out", "author", 40),
            (1, "two", "hidden", "live", "shown again", "source", 50),
            (2, "three", "hidden", "held", "", "cli:ada", 60),
            (2, "three", "held", "withdrawn", "gone", "origin", 70),
            (2, "four", "live", "hidden", "", "rule", 80),
            (2, "five", "live", "withdrawn", "again", "rehearse", 90),
        ],
    ),
    "hidden_author": ('wall_id, handle, why, "by", at', [(1, "bo@quay.example", "spam", "cli:ada", 20)]),
}
AFTER = [
    (10, "cli", "ada", "approve", 1, "post", "one", "held", "live", ""),
    (20, "cli", "ada", "hide", 1, "author", "bo@quay.example", "", "hidden", "spam"),
    (30, "person", "kim", "hide", 1, "post", "one", "live", "hidden", "spam"),
    (40, "author", "", "hide", 1, "post", "two", "live", "hidden", "left out"),
    (50, "source", "", "bring_back", 1, "post", "two", "hidden", "live", "shown again"),
    (60, "cli", "ada", "bring_back", 2, "post", "three", "hidden", "held", ""),
    (70, "origin", "", "withdraw", 2, "post", "three", "held", "withdrawn", "gone"),
    (80, "rule", "", "hide", 2, "post", "four", "live", "hidden", ""),
    (90, "cli", "", "withdraw", 2, "post", "five", "live", "withdrawn", "again"),
]


async def test_upgrade_turns_decisions_into_entries_of_the_audit_trail(tmp_path: Path, postgres: Postgres) -> None:
    name = await postgres.create()
    for url in (f"sqlite:///{tmp_path}/older.db", postgres.url(name)):
        store = Store(url)
        async with store.write() as db:
            connection = await db.connection()
            await connection.run_sync(lambda connection: upgrade(connection, "0004"))
            await connection.execute(A_WALL)
            for table, (columns, rows) in BEFORE.items():
                values = ", ".join(f":v{number}" for number in range(len(rows[0])))
                insert = text(f"INSERT INTO {table} ({columns}) VALUES ({values})")
                await connection.execute(insert, [{f"v{n}": value for n, value in enumerate(row)} for row in rows])
        await open_store(store)
        async with store.read() as db:
            connection = await db.connection()
            columns = "at, actor_kind, actor, action, wall_id, subject_kind, subject, before, after, why"
            assert [*await connection.execute(text(f"SELECT {columns} FROM audit_entry ORDER BY id"))] == AFTER
            assert not await connection.run_sync(lambda c: inspect(c).has_table("decision"))
            rules = await connection.execute(text("SELECT * FROM hidden_author"))
            assert [*rules] == [(1, "bo@quay.example", "spam", 20)]
        await store.close()
    await postgres.drop(name)


# --- backfills --------------------------------------------------------------------------------------------------


async def fill(store: Store, rows: int) -> None:
    async with store.write() as db:
        db.add_all([Channel(id=f"{n:04}", epoch="old") for n in range(rows)])


async def renew(db: AsyncSession, position: str) -> str | None:
    """Give a batch of channels new epochs, and count each change of a row."""
    query = select(Channel.id).where(Channel.id > position).order_by(col(Channel.id)).limit(BATCH)
    batch = (await db.exec(query)).all()
    touched = update(Channel).where(col(Channel.id).in_(batch))
    await db.exec(touched.values(epoch="new", head=Channel.head + 1))
    return batch[-1] if len(batch) == BATCH else None


async def epochs(store: Store) -> dict[tuple[str, int], int]:
    async with store.read() as db:
        query = select(Channel.epoch, Channel.head, func.count()).group_by(col(Channel.epoch), col(Channel.head))
        return {(epoch, touched): count for epoch, touched, count in await db.exec(query)}


async def test_backfill_rewrites_every_row_once(store: Store) -> None:
    await fill(store, 20)
    await backfills.run(store, {"renew": renew}, breath=0)
    await backfills.run(store, {"renew": renew}, breath=0)
    assert await epochs(store) == {("new", 1): 20}


async def test_backfill_goes_on_where_it_was_interrupted(store: Store) -> None:
    await fill(store, 20)
    steps = 0

    async def killed_in_the_second_step(db: AsyncSession, position: str) -> str | None:
        nonlocal steps
        steps += 1
        following = await renew(db, position)
        if steps == 2:
            raise ConnectionAbortedError
        return following

    with pytest.raises(ConnectionAbortedError):
        await backfills.run(store, {"renew": killed_in_the_second_step}, breath=0)
    assert await epochs(store) == {("new", 1): BATCH, ("old", 0): 20 - BATCH}
    await backfills.run(store, {"renew": renew}, breath=0)
    assert await epochs(store) == {("new", 1): 20}
    async with store.read() as db:
        assert (await db.get_one(Backfill, "renew")).done


async def test_backfill_waits_for_a_database_that_is_away(store: Store) -> None:
    await fill(store, 20)
    away = iter([False, True, True, False, False, False])

    async def now_and_then(db: AsyncSession, position: str) -> str | None:
        if next(away):
            raise Outage("The database is unavailable.", "Try again in a moment.")
        return await renew(db, position)

    await backfills.run(store, {"renew": now_and_then}, breath=0, rest=0)
    assert await epochs(store) == {("new", 1): 20}


async def test_backfill_lets_others_write_between_its_steps(store: Store) -> None:
    await fill(store, 100)
    running = asyncio.create_task(backfills.run(store, {"renew": renew}, breath=0.01))
    async with asyncio.timeout(30), store.write() as db:
        db.add(Channel(id="meanwhile", epoch="other"))
    assert not running.done()
    await running


# --- indexes ----------------------------------------------------------------------------------------------------

BY_EPOCH = Index("channel_by_epoch", "channel (epoch)")
VALID = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('channel_by_epoch')")
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'")
ON_POSTGRESQL = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


async def indexes(store: Store) -> set[str | None]:
    async with store.read() as db:
        connection = await db.connection()
        return {each["name"] for each in await connection.run_sync(lambda c: inspect(c).get_indexes("channel"))}


async def answer(store: Store, question: TextClause) -> Any:
    async with store.read() as db:
        return (await (await db.connection()).execute(question)).scalar()


async def test_index_is_made_once_and_noted(store: Store) -> None:
    await fill(store, 20)
    steps: dict[str, backfills.Step | Index] = {"by epoch": BY_EPOCH, "renew": renew}
    await backfills.run(store, steps, breath=0)
    assert await indexes(store) == {"channel_by_epoch"}
    assert await epochs(store) == {("new", 1): 20}
    async with store.write() as db:
        await (await db.connection()).execute(text("DROP INDEX channel_by_epoch"))
    await backfills.run(store, steps, breath=0)
    assert await indexes(store) == set()


async def test_processes_that_begin_a_step_at_once_finish_it_together(store: Store) -> None:
    await fill(store, 20)
    steps: dict[str, backfills.Step | Index] = {"renew": renew, "by epoch": BY_EPOCH}
    await asyncio.gather(*(backfills.run(store, steps, breath=0, rest=0.01) for _ in range(4)))
    assert await epochs(store) == {("new", 1): 20}


async def test_index_that_was_made_but_not_noted_is_taken_as_it_is(store: Store) -> None:
    assert await BY_EPOCH.make(store)
    await backfills.run(store, {"by epoch": BY_EPOCH}, breath=0)
    assert await indexes(store) == {"channel_by_epoch"}
    async with store.read() as db:
        assert (await db.get_one(Backfill, "by epoch")).done


@ON_POSTGRESQL
async def test_index_that_a_killed_attempt_has_left_is_made_anew(store: Store) -> None:
    await fill(store, 2)
    async with store.autocommit() as connection:
        with pytest.raises(IntegrityError):  # as after a crash: an invalid index under that name
            await connection.execute(text("CREATE UNIQUE INDEX CONCURRENTLY channel_by_epoch ON channel (epoch)"))
    assert await answer(store, VALID) is False
    await backfills.run(store, {"by epoch": BY_EPOCH}, breath=0)
    assert await answer(store, VALID) is True


@ON_POSTGRESQL
async def test_index_lets_others_write_while_one_process_makes_it(store: Store) -> None:
    """It waits for an earlier writer, and no writer waits for it."""
    async with asyncio.timeout(30):
        async with store.write() as first:
            first.add(Channel(id="first", epoch="old"))
            await first.flush()
            both = [asyncio.create_task(backfills.run(store, {"i": BY_EPOCH}, breath=0, rest=0.01)) for _ in range(2)]
            while not await answer(store, WAITING):
                await asyncio.sleep(0.01)
            async with store.write() as second:
                second.add(Channel(id="second", epoch="old"))
            assert not await BY_EPOCH.make(store)
        await asyncio.gather(*both)
    assert await answer(store, VALID) is True
