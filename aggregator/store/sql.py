"""SQL that differs between databases, and ids in chunks that fit into one query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Final, Protocol, TypeVar

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

T = TypeVar("T")

CHUNK = 400
"""Ids in one query: far below what either database allows."""
MAX_IN_TRANSACTION = 100
"""Posts that one transaction changes, so that no other writer waits for long."""


class _Row(Protocol):
    id: int | None


LARGEST_ID: Final = 2**31 - 1
"""The largest number of a row: databases refuse larger ones even in a query."""


def stored_id(row: _Row) -> int:
    """Return the number of a row that is in the store. Raises ValueError if it is not."""
    if row.id is None:
        raise ValueError(f"this {type(row).__name__} is not stored yet")
    return row.id


def chunks(ids: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield the ids in chunks of at most `size`."""
    return (ids[start : start + size] for start in range(0, len(ids), size))


def inserting(db: AsyncSession, table: type[SQLModel]) -> Any:
    """Return an INSERT of the current dialect, with `on_conflict_do_nothing` and `on_conflict_do_update`.

    Only the current dialect is imported, because PostgreSQL's also imports its driver, which is slow.
    """
    return import_module(f"sqlalchemy.dialects.{db.get_bind().dialect.name}").insert(table)
