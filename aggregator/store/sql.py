"""SQL that differs between databases, and ids in chunks that fit into one query."""

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
    """Yield the ids in chunks of at most CHUNK."""
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def inserting(db: AsyncSession, table: type[SQLModel]) -> Any:
    """Return an INSERT of the current dialect, with `on_conflict_do_nothing` and `on_conflict_do_update`.

    Only the current dialect is imported, because PostgreSQL's also imports its driver, which is slow.
    """
    return import_module(f"sqlalchemy.dialects.{db.get_bind().dialect.name}").insert(table)
