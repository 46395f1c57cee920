"""The rule that hides an author on a wall, whatever they say: set, lifted and listed. The judge applies it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change
from aggregator.items.listing import bare
from aggregator.moderation.acts import begin_act
from aggregator.moderation.settings import Setting, SettingKind, change_setting
from aggregator.moderation.tables import HiddenAuthor
from aggregator.walls.lock import lock_wall
from aggregator.walls.tables import Wall


async def hidden_handles(db: AsyncSession, wall: Wall) -> Sequence[str]:
    """The authors who are hidden on this wall, as bare handles."""
    query = select(HiddenAuthor.handle).where(HiddenAuthor.wall_id == wall.id)
    return (await db.exec(query.order_by(col(HiddenAuthor.handle)))).all()


async def set_rule(db: AsyncSession, wall: Wall, handle: str, *, why: str, by: Actor) -> int | None:
    """From now on hide what this author says. Returns the act's number, None if the same rule stands. Raises WallError.

    The wall is locked: a page that is coming in is there, or meets it.
    """
    await lock_wall(db, wall)
    before = await hidden_why(db, wall, handle)
    if before == why:
        return None
    change = Change(wall.id, SubjectKind.AUTHOR, bare(handle), "hidden" if before is not None else "", "hidden")
    entry_id = await begin_act(db, wall, by, Action.HIDE, change, why=why, finished=False)
    await change_setting(db, wall, Setting(SettingKind.HIDDEN, bare(handle)), why, entry_id)
    return entry_id


async def lift_rule(db: AsyncSession, wall: Wall, handle: str, *, by: Actor, why: str = "") -> int | None:
    """Hide no longer what this author will say. Returns the act's number, or None. Raises WallError."""
    await lock_wall(db, wall)
    if await hidden_why(db, wall, handle) is None:
        return None
    change = Change(wall.id, SubjectKind.AUTHOR, bare(handle), "hidden")
    entry_id = await begin_act(db, wall, by, Action.APPROVE, change, why=why, finished=False)
    await change_setting(db, wall, Setting(SettingKind.HIDDEN, bare(handle)), None, entry_id)
    return entry_id


async def hidden_why(db: AsyncSession, wall: Wall, handle: str) -> str | None:
    """Return the reason of the rule that hides this author, which may be empty; None without one."""
    rule = await db.get(HiddenAuthor, (wall.id, bare(handle)), populate_existing=True)
    return None if rule is None else rule.why
