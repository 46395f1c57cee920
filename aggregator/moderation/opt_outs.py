"""The authors who have asked an organiser to be left out, on one wall or on all: noted, listed and read.

What follows from it for posts is decided elsewhere: the judge hides them, and the intake does not store them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record_one
from aggregator.items.listing import bare
from aggregator.items.lookup import DecisionError, ItemNotFound
from aggregator.moderation.tables import OptOut
from aggregator.store.sql import chunks
from aggregator.walls.lock import lock_wall
from aggregator.walls.tables import Wall
from aggregator.walls.walls import list_walls

LEFT_OUT = "the author has asked to be left out"
MAX_HANDLE = 400
"""Characters of a handle: those of posts are not longer."""


async def opted_out_among(db: AsyncSession, wall_id: int | None, handles: Collection[str]) -> set[str]:
    """Return those of these bare handles that are left out on the wall; without a number, on all walls."""
    found: set[str] = set()
    for chunk in chunks(sorted(handles)):
        found |= set((await db.exec(select(OptOut.handle).where(_on(wall_id), col(OptOut.handle).in_(chunk)))).all())
    return found


async def opted_out_handles(db: AsyncSession, wall: Wall) -> set[str]:
    """Return the bare handles of all who are left out on the wall."""
    return set((await db.exec(select(OptOut.handle).where(_on(wall.id)))).all())


async def list_opt_outs(db: AsyncSession, wall: Wall | None) -> Sequence[OptOut]:
    """Return the opt-outs that count on a wall, those from all walls included; without a wall, all there are."""
    query = select(OptOut) if wall is None else select(OptOut).where(_on(wall.id))
    return (await db.exec(query.order_by(col(OptOut.handle), col(OptOut.id)))).all()


async def find_opt_out(db: AsyncSession, opt_out_id: str, wall: Wall) -> OptOut:
    """Return an opt-out that counts on the wall. Raises ItemNotFound."""
    found = (await db.exec(select(OptOut).where(OptOut.id == opt_out_id, _on(wall.id)))).first()
    if found is None:
        raise ItemNotFound(f"There is no such opt-out on the wall “{wall.slug}”: it may have ended already.")
    return found


async def note_opt_out(db: AsyncSession, handle: str, wall: Wall | None, by: Actor) -> int | None:
    """Leave an author out from now on, on this wall or, without one, on all. Returns the entry's number.

    None for an author who is left out there already. The walls are locked: a page that is coming in is there, or meets
    it. Raises DecisionError for what is not a handle, and WallError.
    """
    name = bare(handle)
    if not name or len(handle) > MAX_HANDLE or not name.isprintable():
        raise DecisionError("Not a handle: write it as on the author's posts, such as @ada@mastodon.example.")
    for each in [wall] if wall is not None else sorted(await list_walls(db), key=lambda each: each.id or 0):
        await lock_wall(db, each)
    if await opted_out_among(db, wall.id if wall else None, [name]):
        return None
    opt_out = OptOut(handle=name, wall_id=wall.id if wall else None)
    db.add(opt_out)
    await db.flush()
    return await record_one(db, by, Action.OPT_OUT, _change(opt_out, "", LEFT_OUT))


async def drop_opt_out(db: AsyncSession, opt_out: OptOut, by: Actor) -> int:
    """Leave an author out no longer. Returns the entry's number."""
    await db.delete(opt_out)
    return await record_one(db, by, Action.END_OPT_OUT, _change(opt_out, LEFT_OUT, ""))


def _on(wall_id: int | None) -> ColumnElement[bool]:
    everywhere = col(OptOut.wall_id).is_(None)
    return everywhere if wall_id is None else or_(everywhere, col(OptOut.wall_id) == wall_id)


def _change(opt_out: OptOut, before: str, after: str) -> Change:
    """An entry about all walls would outlive them: it has the opt-out's id instead of the handle."""
    if opt_out.wall_id is None:
        return Change(None, SubjectKind.OPT_OUT, opt_out.id, before, after)
    return Change(opt_out.wall_id, SubjectKind.AUTHOR, opt_out.handle, before, after)
