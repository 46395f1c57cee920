"""The schema's history. Structure changes here, in one short transaction; rows are rewritten by `backfills`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

HERE = Path(__file__).parent


class NewerSchema(Exception):
    """The database was made by a newer Backchannel than this one."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The version that this code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def current(connection: Connection) -> str:
    """The version that the database is at; empty for a new one."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(connection: Connection) -> None:
    """Bring the schema to `head` inside the caller's transaction. Raises NewerSchema."""
    here = current(connection)
    scripts = ScriptDirectory.from_config(_config())
    if here == scripts.get_current_head():
        return
    if here and here not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerSchema(
            f"The database is at version {here}, which this Backchannel does not know. "
            "Install the newer Backchannel again, or restore the backup from before it."
        )
    command.upgrade(_config(connection), "head")
