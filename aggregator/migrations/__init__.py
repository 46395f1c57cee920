"""The schema's history. Structure changes here, in one short transaction; rows are rewritten by `backfills`."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from aggregator.store.store import Store

HERE = Path(__file__).parent
OURS = frozenset({"channel", "item", "post", "record", "source", "wall"})
"""Tables that a Backchannel of any version has: together they are nobody else's."""
VERSION_TABLE = "alembic_version"


class SchemaState(StrEnum):
    """What a database is to this code."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    FOREIGN = "foreign"


class SchemaMismatch(Exception):
    """The database cannot be ours to change. `problem` says why, `hint` what to do; `str()` has both."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem} {hint}")
        self.problem = problem
        self.hint = hint


class NewerSchema(SchemaMismatch):
    """The database was made by a newer Backchannel than this one."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"The database is at version {version}, which this Backchannel does not know.",
            "Install the newer Backchannel again, or restore the backup from before it.",
        )


class ForeignSchema(SchemaMismatch):
    """The database is another program's."""

    def __init__(self) -> None:
        super().__init__(
            "The database belongs to another program: its tables are not Backchannel's.",
            "Name another one in BACKCHANNEL_DATABASE_URL, or move it away.",
        )


async def open_store(store: Store) -> None:
    """Bring the schema up to date. Processes that start together wait for one another. Raises UnfitSchema.

    A schema that is up to date is only looked at: a command that reads waits for no writer.
    """
    if await schema_state_of(store) != SchemaState.CURRENT:
        async with store.migrating() as connection:
            await connection.run_sync(_upgrade_alone)


async def schema_state_of(store: Store) -> SchemaState:
    """What the database is to this code. It changes nothing. Raises UnfitSchema."""
    async with store.connect() as connection:
        return await connection.run_sync(check_schema)


def head() -> str:
    """The version that this code expects."""
    return _versions()[0]


def current(connection: Connection) -> str:
    """The version that the database is at; empty for a new one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    return connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE))) or ""


def schema_state(connection: Connection) -> SchemaState:
    """What this database is to this code. It changes nothing."""
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
    """The same, for a database that may be ours. Raises NewerSchema or ForeignSchema."""
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
    # Imported where it is needed, as hardly ever: every command would wait for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def _upgrade_alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('backchannel schema'))")
    upgrade(connection)


def _in_the_way(connection: Connection, tables: set[str]) -> bool:
    """A file is one program's; a server's database may have extensions' tables, which are no matter."""
    return bool(tables if connection.dialect.name == "sqlite" else tables & (OURS | {VERSION_TABLE}))


@lru_cache(maxsize=1)
def _versions() -> tuple[str, ...]:
    """All that this code knows, the newest first: the files' names begin with them."""
    return tuple(sorted((file.name.partition("_")[0] for file in (HERE / "versions").glob("[0-9]*.py")), reverse=True))
