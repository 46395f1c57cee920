"""Trusting authors: in the mode `trusted` of a wall or a source their posts are live at once, all others are held."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change
from aggregator.items.listing import bare
from aggregator.items.lookup import DecisionError
from aggregator.moderation.acts import begin_act
from aggregator.moderation.settings import Setting, SettingKind, change_setting
from aggregator.moderation.tables import TrustedAuthor
from aggregator.walls.lock import lock_wall
from aggregator.walls.tables import Wall

MAX_HANDLE = 400
"""Characters of a handle that may be trusted: those of posts are not longer."""


async def trusted_handles(db: AsyncSession, wall: Wall) -> Sequence[str]:
    """The authors who are trusted on this wall, as bare handles."""
    query = select(TrustedAuthor.handle).where(TrustedAuthor.wall_id == wall.id)
    return (await db.exec(query.order_by(col(TrustedAuthor.handle)))).all()


async def is_trusted(db: AsyncSession, wall: Wall, handle: str) -> bool:
    """Whether this author is trusted on this wall."""
    return await db.get(TrustedAuthor, (wall.id, bare(handle)), populate_existing=True) is not None


async def trust_author(db: AsyncSession, wall: Wall, handle: str, by: Actor, why: str = "") -> int | None:
    """Trust an author, who need not have posted yet, from now on: what is held already stays held.

    Returns the act's number, or None for an author who is trusted. Raises DecisionError for what is not a handle, and
    WallError.
    """
    if not bare(handle) or len(handle) > MAX_HANDLE or not bare(handle).isprintable():
        raise DecisionError("Not a handle: write it as on the author's posts, such as @ada@mastodon.example.")
    change = Change(wall.id, SubjectKind.AUTHOR, bare(handle), "", "trusted")
    return await _set(db, wall, change, by, why, trusted=True)


async def distrust_author(db: AsyncSession, wall: Wall, handle: str, by: Actor, why: str = "") -> int | None:
    """Trust an author no longer: what is live already stays live. Returns as `trust_author`. Raises WallError."""
    return await _set(db, wall, Change(wall.id, SubjectKind.AUTHOR, bare(handle), "trusted"), by, why, trusted=False)


async def _set(db: AsyncSession, wall: Wall, change: Change, by: Actor, why: str, *, trusted: bool) -> int | None:
    await lock_wall(db, wall)
    if await is_trusted(db, wall, change.subject) == trusted:
        return None
    entry_id = await begin_act(db, wall, by, Action.TRUST if trusted else Action.DISTRUST, change, why=why)
    setting = Setting(SettingKind.TRUSTED, change.subject)
    await change_setting(db, wall, setting, "" if trusted else None, entry_id)
    return entry_id
