"""INSERT that says what is to happen where the row is there already: each database spells it in its own way."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sqlalchemy import Dialect
from sqlmodel import SQLModel


def inserting(dialect: Dialect, table: type[SQLModel]) -> Any:
    """An INSERT of this dialect, with `on_conflict_do_nothing` and `on_conflict_do_update`.

    Only the dialect in use is imported: PostgreSQL's brings its driver, for which no command on SQLite need wait.
    """
    return import_module(f"sqlalchemy.dialects.{dialect.name}").insert(table)
