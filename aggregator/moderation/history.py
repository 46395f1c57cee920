"""The history of a wall: its entries of the audit trail, each with whether it can be undone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import and_
from sqlalchemy import select as columns
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor, ActorKind
from aggregator.audit.tables import Action, AuditEntry, SubjectKind
from aggregator.moderation.tables import Act
from aggregator.store.store import Store
from aggregator.walls.tables import Wall

ABOUT_THE_WALL: Final = frozenset({SubjectKind.POST, SubjectKind.AUTHOR, SubjectKind.WALL, SubjectKind.SOURCE})
"""What everybody at the desk reads."""
ABOUT_THE_TEAM: Final = frozenset({SubjectKind.MEMBER, SubjectKind.INVITATION})
"""Who works on the wall: for those who look after the team."""
EXPORT_BATCH: Final = 500
"""Entries of an export that are in memory at once."""


class HistoryFilter(NamedTuple):
    """Which entries are asked for. `actor` is a name, `subject` a post's id or an author's bare handle.

    `since` is included and `until` is not. `has_team` adds what is about the team.
    """

    actor: str = ""
    actions: Collection[Action] = ()
    subject: str = ""
    actor_kind: ActorKind | None = None
    since: datetime | None = None
    until: datetime | None = None
    has_team: bool = False


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
    query = _page(wall, asked, before, limit)
    if not asked.subject:
        query = query.where(col(AuditEntry.act_id).is_(None))
    return [_row(*each) for each in await db.exec(query)]


async def read_history(store: Store, wall: Wall, asked: HistoryFilter) -> AsyncGenerator[HistoryEntry]:
    """Yield all entries, those that are parts of acts about many included, the newest first.

    Each batch is a short transaction: what is written meanwhile is not among them.
    """
    before: int | None = None
    while True:
        async with store.read() as db:
            found = [_row(*each) for each in await db.exec(_page(wall, asked, before, EXPORT_BATCH))]
        for each in found:
            yield each
        if len(found) < EXPORT_BATCH:
            return
        before = found[-1].entry.id


async def find_history(db: AsyncSession, wall: Wall, entry_id: int) -> HistoryEntry | None:
    """Return the entry with this number, if it is in the history of this wall."""
    found = (await db.exec(_entries(wall, ABOUT_THE_WALL).where(col(AuditEntry.id) == entry_id))).first()
    return None if found is None else _row(*found)


async def list_actors(db: AsyncSession, wall: Wall) -> Sequence[Actor]:
    """Return the people and system users who have acted on a wall, by name."""
    named = (ActorKind.PERSON, ActorKind.COMMAND_LINE)
    query = columns(col(AuditEntry.actor_kind), col(AuditEntry.actor)).distinct()
    query = query.where(col(AuditEntry.wall_id) == wall.id, col(AuditEntry.actor_kind).in_(named))
    found = (await (await db.connection()).execute(query.order_by(col(AuditEntry.actor)))).all()
    return [Actor(ActorKind(kind), name) for kind, name in found]


def _page(wall: Wall, asked: HistoryFilter, before: int | None, limit: int) -> Any:
    kinds = ABOUT_THE_WALL | ABOUT_THE_TEAM if asked.has_team else ABOUT_THE_WALL
    query = _entries(wall, kinds).order_by(col(AuditEntry.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(AuditEntry.id) < before)
    if asked.actor:
        query = query.where(AuditEntry.actor == asked.actor)
    if asked.actor_kind is not None:
        query = query.where(AuditEntry.actor_kind == asked.actor_kind)
    if asked.actions:
        query = query.where(col(AuditEntry.action).in_(asked.actions))
    if asked.subject:
        query = query.where(AuditEntry.subject == asked.subject)
    if asked.since is not None:
        query = query.where(col(AuditEntry.at) >= asked.since)
    return query if asked.until is None else query.where(col(AuditEntry.at) < asked.until)


def _entries(wall: Wall, kinds: Collection[SubjectKind]) -> Any:
    about = (col(AuditEntry.wall_id) == wall.id, col(AuditEntry.subject_kind).in_(kinds))
    act = and_(col(Act.entry_id) == col(AuditEntry.id), col(AuditEntry.act_id).is_(None))
    return columns(AuditEntry, Act.entry_id, Act.undone_by).outerjoin(Act, act).where(*about)  # type: ignore[call-overload]


def _row(entry: AuditEntry, act_id: int | None, undone_by: int | None) -> HistoryEntry:
    return HistoryEntry(entry, act_id is not None and undone_by is None, undone_by)
