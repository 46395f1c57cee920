"""The history of a wall: its entries of the audit trail, each with whether it can be undone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import and_
from sqlalchemy import select as columns
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.tables import Action, AuditEntry, SubjectKind
from aggregator.moderation.tables import Act
from aggregator.walls.tables import Wall

ABOUT_THE_WALL: Final = frozenset({SubjectKind.POST, SubjectKind.AUTHOR, SubjectKind.WALL, SubjectKind.SOURCE})
"""What the history tells of. Who works on the wall is another matter, for those who may change it."""


class HistoryFilter(NamedTuple):
    """Which entries are asked for. `actor` is a name, `subject` a post's id or an author's bare handle."""

    actor: str = ""
    actions: Collection[Action] = ()
    subject: str = ""


class HistoryEntry(NamedTuple):
    """An entry, whether it is an act that can be undone, and the act that has undone it."""

    entry: AuditEntry
    is_undoable: bool
    undone_by: int | None


EVERYTHING: Final = HistoryFilter()


async def list_history(
    db: AsyncSession, wall: Wall, asked: HistoryFilter = EVERYTHING, *, before: int | None = None, limit: int = 50
) -> list[HistoryEntry]:
    """Return the newest entries with a number below `before`, the newest first.

    One for each act; about one subject also those that are parts of acts about many.
    """
    query: Any = _entries(wall).order_by(col(AuditEntry.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(AuditEntry.id) < before)
    if asked.actor:
        query = query.where(AuditEntry.actor == asked.actor)
    if asked.actions:
        query = query.where(col(AuditEntry.action).in_(asked.actions))
    query = query.where(AuditEntry.subject == asked.subject if asked.subject else col(AuditEntry.act_id).is_(None))
    return [_row(*each) for each in await db.exec(query)]


async def find_history(db: AsyncSession, wall: Wall, entry_id: int) -> HistoryEntry | None:
    """Return the entry with this number, if it is in the history of this wall."""
    found = (await db.exec(_entries(wall).where(col(AuditEntry.id) == entry_id))).first()
    return None if found is None else _row(*found)


def _entries(wall: Wall) -> Any:
    about = (col(AuditEntry.wall_id) == wall.id, col(AuditEntry.subject_kind).in_(ABOUT_THE_WALL))
    act = and_(col(Act.entry_id) == col(AuditEntry.id), col(AuditEntry.act_id).is_(None))
    return columns(AuditEntry, Act.entry_id, Act.undone_by).outerjoin(Act, act).where(*about)  # type: ignore[call-overload]


def _row(entry: AuditEntry, act_id: int | None, undone_by: int | None) -> HistoryEntry:
    return HistoryEntry(entry, act_id is not None and undone_by is None, undone_by)
