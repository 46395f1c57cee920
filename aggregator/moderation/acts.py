"""Acts: an entry of the audit trail with what undoing it needs, written in the transaction of what it changes.

An act about many items is one act in several transactions: they are its parts. None of it has the words of a post.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import insert, literal, update
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, AuditEntry, SubjectKind
from aggregator.audit.trail import Change, record_one
from aggregator.items.tables import Item, State
from aggregator.moderation.changes import on_wall
from aggregator.moderation.tables import Act, ActItem, Aspect
from aggregator.store.sql import chunks, inserting, stored_id
from aggregator.walls.tables import Wall

STATE = ("state", "why", "returns_to", "ruled_out", "ruled_from", "frozen_from", "approved")
"""The columns that say where an item stands."""


class StateChange(NamedTuple):
    """What becomes of the state of one item."""

    action: Action
    post_id: str
    before: State
    after: State


async def begin_act(
    db: AsyncSession,
    wall: Wall,
    by: Actor,
    action: Action,
    change: Change,
    *,
    why: str = "",
    aspect: Aspect = Aspect.STATE,
    finished: bool = True,
) -> int:
    """Write an act into the audit trail; returns its number. An act in several transactions begins unfinished."""
    entry_id = await record_one(db, by, action, change, why)
    await db.exec(
        insert(Act).values(entry_id=entry_id, wall_id=stored_id(wall), aspect=aspect, setting="", finished=finished)
    )
    return entry_id


async def begin_decision(db: AsyncSession, wall: Wall, by: Actor, what: StateChange, why: str) -> int:
    """An act about the state of one locked item, which the caller changes next. Returns the act's number."""
    change = Change(stored_id(wall), SubjectKind.POST, what.post_id, what.before.value, what.after.value)
    entry_id = await begin_act(db, wall, by, what.action, change, why=why)
    await remember(db, entry_id, wall, [what.post_id])
    return entry_id


async def remember(db: AsyncSession, entry_id: int, wall: Wall, post_ids: Collection[str]) -> None:
    """Note where these locked items stand, just before the act changes the state of each.

    An act that is finished after an interruption may meet an item twice: its undo brings back what it met last.
    """
    names = ("entry_id", "post_n", "mark_before", "mark_after", *STATE)
    for chunk in chunks(sorted(post_ids)):
        before = columns(
            literal(entry_id),
            col(Item.post_n),
            col(Item.decided),
            col(Item.version) + 1,
            *(getattr(Item, name) for name in STATE),
        ).where(*on_wall(wall, chunk))
        statement = inserting(db, ActItem).from_select(names, before)
        latest = {name: statement.excluded[name] for name in names[2:]}
        await db.exec(statement.on_conflict_do_update(index_elements=["entry_id", "post_n"], set_=latest))


async def goes_on(db: AsyncSession, entry_id: int | None) -> bool:
    """Whether an act that is under way may change more items: not once it is being undone. The answer is locked."""
    if entry_id is None:
        return True
    query = select(Act.entry_id).where(Act.entry_id == entry_id, col(Act.undone_by).is_(None))
    return (await db.exec(query.with_for_update(read=True, key_share=True))).first() is not None


async def finish(db: AsyncSession, entry_id: int | None) -> None:
    """Note that all items of this act are done."""
    await db.exec(update(Act).where(col(Act.entry_id) == entry_id).values(finished=True))


async def unfinished(db: AsyncSession, wall: Wall, action: Action, change: Change) -> int | None:
    """The number of the same act that was interrupted, if there is one: it is to be finished rather than repeated."""
    query = select(Act.entry_id).join(AuditEntry, col(AuditEntry.id) == col(Act.entry_id))
    same = (AuditEntry.action == action, AuditEntry.subject_kind == change.kind, AuditEntry.subject == change.subject)
    open_ = (Act.wall_id == wall.id, col(Act.finished).is_(False), col(Act.undone_by).is_(None))
    query = query.where(*same, *open_, AuditEntry.after == change.after)
    return (await db.exec(query.order_by(col(Act.entry_id).desc()).limit(1))).first()
