"""The audit trail: entries are written in the very transaction of what they tell, and read newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.address import ADDRESS_LIFETIME, current_address
from aggregator.audit.tables import Action, AuditEntry, SubjectKind
from aggregator.timestamps import now

MAX_WHY = 1_000
"""Characters of a reason: servers' own words are among them."""

Before = tuple[int, str, str]
"""An item as it was: (wall id, post id, state)."""


class Change(NamedTuple):
    """What became of one subject."""

    wall_id: int | None
    kind: SubjectKind
    subject: str
    before: str = ""
    after: str = ""


async def record(
    db: AsyncSession, by: Actor, action: Action, changes: Iterable[Change], why: str = "", *, act_id: int | None = None
) -> None:
    """Write an entry for each of these changes; `act_id` is the number of the act whose parts they are."""
    entries = [_row(by, action, change, why) | {"act_id": act_id} for change in changes]
    if entries:
        await (await db.connection()).execute(insert(AuditEntry), entries)


async def record_one(db: AsyncSession, by: Actor, action: Action, change: Change, why: str = "") -> int:
    """Write one entry, and return its number."""
    inserted: Any = insert(AuditEntry).values(_row(by, action, change, why)).returning(col(AuditEntry.id))
    number: int = (await (await db.connection()).execute(inserted)).scalar_one()
    return number


async def record_posts(
    db: AsyncSession,
    by: Actor,
    action: Action,
    items: Iterable[Before],
    after: tuple[str, str],
    *,
    act_id: int | None = None,
) -> None:
    """Write that each of these items has become `after`: a state, and why."""
    state, why = after
    changes = [Change(wall_id, SubjectKind.POST, id_, str(before), str(state)) for wall_id, id_, before in items]
    await record(db, by, action, changes, why, act_id=act_id)


async def list_entries(
    db: AsyncSession, wall_id: int | None = None, limit: int = 100, *, parts: bool = True
) -> Sequence[AuditEntry]:
    """The newest entries of one wall, or of all, the newest first; without `parts` one for each act."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(limit)
    if not parts:
        query = query.where(col(AuditEntry.act_id).is_(None))
    return (await db.exec(query if wall_id is None else query.where(AuditEntry.wall_id == wall_id))).all()


async def newest_entry(db: AsyncSession, wall_id: int, post_id: str, actions: Iterable[Action]) -> AuditEntry | None:
    """The newest entry with one of these actions about a post on a wall."""
    about = (AuditEntry.wall_id == wall_id, AuditEntry.subject_kind == SubjectKind.POST, AuditEntry.subject == post_id)
    query = select(AuditEntry).where(*about, col(AuditEntry.action).in_(list(actions)))
    return (await db.exec(query.order_by(col(AuditEntry.id).desc()).limit(1))).first()


def _row(by: Actor, action: Action, change: Change, why: str) -> dict[str, Any]:
    return {
        "at": now(),
        "actor_kind": by.kind,
        "actor": by.name,
        "action": action,
        "wall_id": change.wall_id,
        "subject_kind": change.kind,
        "subject": change.subject,
        "before": change.before,
        "after": change.after,
        "why": why[:MAX_WHY],
        "address": current_address(),
    }


async def clear_entries(db: AsyncSession, wall_id: int) -> None:
    """Delete what was written about a wall that is removed, with the authors and sources that it names."""
    await db.exec(delete(AuditEntry).where(col(AuditEntry.wall_id) == wall_id))


async def forget_addresses(db: AsyncSession, at: datetime) -> None:
    """Delete the addresses of acts that are older than ADDRESS_LIFETIME. The entries stay."""
    old = (col(AuditEntry.address) != "", col(AuditEntry.at) <= at - ADDRESS_LIFETIME)
    await db.exec(update(AuditEntry).where(*old).values(address=""))
