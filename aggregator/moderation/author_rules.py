"""The rule that hides an author on a wall, whatever they say: set, lifted and listed. The judge applies it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.items.listing import bare
from aggregator.moderation.tables import HiddenAuthor
from aggregator.store.sql import stored_id
from aggregator.walls.lock import lock_wall
from aggregator.walls.tables import Wall


async def hidden_handles(db: AsyncSession, wall: Wall) -> Sequence[str]:
    """The authors who are hidden on this wall, as bare handles."""
    query = select(HiddenAuthor.handle).where(HiddenAuthor.wall_id == wall.id)
    return (await db.exec(query.order_by(col(HiddenAuthor.handle)))).all()


async def set_rule(db: AsyncSession, wall: Wall, handle: str, *, why: str, by: Actor) -> HiddenAuthor:
    """From now on hide what this author says. Raises WallError.

    The wall is locked: a page that is coming in is there, or meets it. The same rule again leaves no second entry.
    """
    await lock_wall(db, wall)
    before = await db.get(HiddenAuthor, (wall.id, bare(handle)))
    if before is not None and before.why == why:
        return before
    change = Change(wall.id, SubjectKind.AUTHOR, bare(handle), "hidden" if before is not None else "", "hidden")
    await record(db, by, Action.HIDE, [change], why)
    return await db.merge(HiddenAuthor(wall_id=stored_id(wall), handle=bare(handle), why=why))


async def lift_rule(db: AsyncSession, wall: Wall, handle: str, *, by: Actor, why: str = "") -> bool:
    """Hide no longer what this author will say. Returns whether there was such a rule. Raises WallError."""
    await lock_wall(db, wall)
    there = (col(HiddenAuthor.wall_id) == wall.id, col(HiddenAuthor.handle) == bare(handle))
    if not (await db.exec(delete(HiddenAuthor).where(*there))).rowcount:
        return False
    await record(db, by, Action.APPROVE, [Change(wall.id, SubjectKind.AUTHOR, bare(handle), "hidden")], why)
    return True
