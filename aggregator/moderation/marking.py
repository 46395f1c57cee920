"""Giving an item a mark, and restoring the marks that an act has changed: the verbs of marks and the undo share it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, delete, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change
from aggregator.items.lookup import ItemNotFound
from aggregator.items.publishing import show
from aggregator.items.tables import Item, State, StoredPost
from aggregator.moderation.acts import begin_act
from aggregator.moderation.changes import on_wall
from aggregator.moderation.decisions import FinalState
from aggregator.moderation.tables import ActItem, Aspect
from aggregator.store.sql import stored_id
from aggregator.timestamps import to_micros, to_wire
from aggregator.walls.tables import Wall

MARKS: Final = ("pinned_until", "nugget", "covered", "note")
"""The columns of an item's marks."""


class Marking(NamedTuple):
    """A mark to be given: the action, the column and its value."""

    action: Action
    name: str
    value: Any


class Marked(NamedTuple):
    """A locked item with the marks that an act about it has left, and what that act had found."""

    post_id: str
    item: Item
    before: ActItem


async def mark(db: AsyncSession, wall: Wall, post_id: str, marking: Marking, by: Actor, *, why: str) -> int | None:
    """Give a mark. Returns the act's number, or None if nothing changed. Raises ItemNotFound and FinalState."""
    query = select(Item).where(*on_wall(wall, [post_id])).with_for_update().execution_options(populate_existing=True)
    item = (await db.exec(query)).first()
    if item is None:
        raise ItemNotFound(f"There is no post “{post_id}” on the wall “{wall.slug}”.")
    if item.state == State.WITHDRAWN:
        raise FinalState(f"“{post_id}” is withdrawn, and cannot be marked.")
    before = getattr(item, marking.name)
    if before == marking.value:
        return None
    words = _word(marking.name, before), _word(marking.name, marking.value)
    change = Change(stored_id(wall), SubjectKind.POST, post_id, *words)
    entry_id = await begin_act(db, wall, by, marking.action, change, why=why, aspect=Aspect.MARKS)
    await _set(db, wall, item, {marking.name: marking.value, "marked": entry_id}, entry_id)
    await show(db, wall, [post_id], unpinned=True)
    return entry_id


async def unchanged_since(db: AsyncSession, wall: Wall, entry_id: int) -> Marked | None:
    """The item of an act about marks; None if they were changed since, or the post is withdrawn."""
    query = (
        select(StoredPost.id, Item, ActItem)
        .join(ActItem, col(ActItem.post_n) == col(StoredPost.n))
        .join(Item, and_(col(Item.post_n) == col(StoredPost.n), col(Item.wall_id) == wall.id))
        .where(ActItem.entry_id == entry_id, col(Item.marked) == col(ActItem.mark_after))
        .with_for_update(of=Item)
        .execution_options(populate_existing=True)
    )
    found = (await db.exec(query)).first()
    return None if found is None else Marked(*found)


async def restore(db: AsyncSession, wall: Wall, marked: Marked, undo_id: int) -> None:
    """Give the item back the marks that it had, by the undo with that number, which can be undone as well."""
    before = marked.before
    values = {name: getattr(before, name) for name in MARKS} | {"marked": before.mark_before}
    await db.exec(delete(ActItem).where(col(ActItem.entry_id) == before.entry_id, col(ActItem.post_n) == before.post_n))
    await _set(db, wall, marked.item, values, undo_id)
    await show(db, wall, [marked.post_id], unpinned=True)


async def _set(db: AsyncSession, wall: Wall, item: Item, values: dict[str, Any], act_id: int) -> None:
    """Change the marks of a locked item, and note what undoing it needs."""
    found = {name: getattr(item, name) for name in MARKS}
    marks = {"mark_before": item.marked, "mark_after": values["marked"]}
    await db.exec(insert(ActItem).values(entry_id=act_id, post_n=item.post_n, **marks, **found))
    here = (col(Item.wall_id) == wall.id, col(Item.post_n) == item.post_n)
    await db.exec(update(Item).where(*here).values(**values))


def _word(name: str, value: Any) -> str:
    """A mark as the audit trail has it, without the words of a note."""
    if isinstance(value, datetime):
        return to_wire(to_micros(value))
    return name if value else ""
