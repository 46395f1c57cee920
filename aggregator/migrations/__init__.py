"""Migrations of the schema: structure changes in one short transaction, rows are rewritten by `backfills`."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from aggregator.store.store import Store

HERE = Path(__file__).parent
OURS = frozenset({"channel", "item", "post", "record", "source", "wall"})
"""Tables that every version of Backchannel has, and no other program has together."""
VERSION_TABLE = "alembic_version"


class SchemaState(StrEnum):
    """The state of a database's schema, compared with this code."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    FOREIGN = "foreign"


class SchemaMismatch(Exception):
    """A database that this code cannot use. `problem` says why, `hint` what to do; `str()` has both."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem} {hint}")
        self.problem = problem
        self.hint = hint


class NewerSchema(SchemaMismatch):
    """The database was written by a newer Backchannel."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"Unknown database version {version}: it was written by a newer Backchannel.",
            "Install the newer Backchannel again, or restore a backup from before the upgrade.",
        )


class ForeignSchema(SchemaMismatch):
    """The database belongs to another program."""

    def __init__(self) -> None:
        super().__init__(
            "Unknown tables in the database: it belongs to another program.",
            "Name another database in BACKCHANNEL_DATABASE_URL, or move this one away.",
        )


async def open_store(store: Store) -> None:
    """Bring the schema up to date. Processes that start together wait for one another. Raises SchemaMismatch.

    A current schema is only read, so that a reading command waits for no writer.
    """
    if await schema_state_of(store) != SchemaState.CURRENT:
        async with store.migrating() as connection:
            await connection.run_sync(_upgrade_alone)


async def schema_state_of(store: Store) -> SchemaState:
    """Return the state of the schema without changing it. Raises SchemaMismatch."""
    async with store.connect() as connection:
        return await connection.run_sync(check_schema)


def head() -> str:
    """Return the version that this code expects."""
    return _versions()[0]


def current(connection: Connection) -> str:
    """Return the version of the database; empty for a new one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    return connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE))) or ""


def schema_state(connection: Connection) -> SchemaState:
    """Return the state of the schema without changing it."""
    version = current(connection)
    if version == head():
        return SchemaState.CURRENT
    if version in _versions():
        return SchemaState.OLDER
    tables = set(inspect(connection).get_table_names())
    if version and tables >= OURS:
        return SchemaState.NEWER
    return SchemaState.FOREIGN if _in_the_way(connection, tables) else SchemaState.EMPTY


def check_schema(connection: Connection) -> SchemaState:
    """Return the state of a schema that this code can use. Raises NewerSchema or ForeignSchema."""
    found = schema_state(connection)
    if found == SchemaState.NEWER:
        raise NewerSchema(current(connection))
    if found == SchemaState.FOREIGN:
        raise ForeignSchema
    return found


def upgrade(connection: Connection, version: str = "head") -> None:
    """Bring the schema to `head`, or to an earlier version, inside the caller's transaction.

    Raises NewerSchema or ForeignSchema.
    """
    if check_schema(connection) == SchemaState.CURRENT:
        return
    # Imported only when needed, which is rare, so that commands start quickly.
    from alembic import command  # noqa: PLC0415  (as said above)
    from alembic.config import Config  # noqa: PLC0415  (as said above)

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def _upgrade_alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('backchannel schema'))")
    upgrade(connection)


def _in_the_way(connection: Connection, tables: set[str]) -> bool:
    """Whether other tables are in the way; a PostgreSQL database may have tables of extensions."""
    return bool(tables if connection.dialect.name == "sqlite" else tables & (OURS | {VERSION_TABLE}))


@lru_cache(maxsize=1)
def _versions() -> tuple[str, ...]:
    """Return the known versions, newest first, from the names of the files."""
    return tuple(sorted((file.name.partition("_")[0] for file in (HERE / "versions").glob("[0-9]*.py")), reverse=True))
