"""INSERT that says what is to happen where the row is there already: each database spells it in its own way."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


def inserting(session: AsyncSession, table: type[SQLModel]) -> Any:
    """An INSERT of the database in use, with `on_conflict_do_nothing` and `on_conflict_do_update`.

    Only the dialect in use is imported: PostgreSQL's brings its driver, for which no command on SQLite need wait.
    """
    return import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}").insert(table)
