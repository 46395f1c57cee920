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


class Standing(StrEnum):
    """What a database is to this code."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    FOREIGN = "foreign"


class UnfitSchema(Exception):
    """The database cannot be ours to change. `says` why, `mend` what to do; `str()` has both."""

    def __init__(self, says: str, mend: str) -> None:
        super().__init__(f"{says} {mend}")
        self.says = says
        self.mend = mend


class NewerSchema(UnfitSchema):
    """The database was made by a newer Backchannel than this one."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"The database is at version {version}, which this Backchannel does not know.",
            "Install the newer Backchannel again, or restore the backup from before it.",
        )


class ForeignSchema(UnfitSchema):
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
    if await standing_of(store) != Standing.CURRENT:
        async with store.migrating() as connection:
            await connection.run_sync(_upgrade_alone)


async def standing_of(store: Store) -> Standing:
    """What the database is to this code. It changes nothing. Raises UnfitSchema."""
    async with store.connect() as connection:
        return await connection.run_sync(fit)


def head() -> str:
    """The version that this code expects."""
    return _versions()[0]


def current(connection: Connection) -> str:
    """The version that the database is at; empty for a new one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    return connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE))) or ""


def standing(connection: Connection) -> Standing:
    """What this database is to this code. It changes nothing."""
    version = current(connection)
    if version == head():
        return Standing.CURRENT
    if version in _versions():
        return Standing.OLDER
    tables = set(inspect(connection).get_table_names())
    if version and tables >= OURS:
        return Standing.NEWER
    return Standing.FOREIGN if _in_the_way(connection, tables) else Standing.EMPTY


def fit(connection: Connection) -> Standing:
    """The same, for a database that may be ours. Raises NewerSchema or ForeignSchema."""
    found = standing(connection)
    if found == Standing.NEWER:
        raise NewerSchema(current(connection))
    if found == Standing.FOREIGN:
        raise ForeignSchema
    return found


def upgrade(connection: Connection) -> None:
    """Bring the schema to `head` inside the caller's transaction. Raises NewerSchema or ForeignSchema."""
    if fit(connection) == Standing.CURRENT:
        return
    # Imported where it is needed, as hardly ever: every command would wait for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


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
