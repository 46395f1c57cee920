"""SQL that each database spells in its own way, and ids in numbers that any database takes in one query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, TypeVar

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

T = TypeVar("T")

CHUNK = 400
"""Ids in one query: far below what either database allows."""


def chunks(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    """The same ids in runs of at most CHUNK."""
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def inserting(db: AsyncSession, table: type[SQLModel]) -> Any:
    """An INSERT of the database in use, with `on_conflict_do_nothing` and `on_conflict_do_update`.

    Only the dialect in use is imported: PostgreSQL's brings its driver, for which no command on SQLite need wait.
    """
    return import_module(f"sqlalchemy.dialects.{db.get_bind().dialect.name}").insert(table)
