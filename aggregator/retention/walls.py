"""A wall is removed permanently, with all that is nowhere else, inside the caller's transaction."""

from __future__ import annotations

from sqlalchemy import delete, exists
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import UNNAMED, Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, clear_entries, record
from aggregator.channel.publish import close_channel
from aggregator.items.tables import Item, StoredPost
from aggregator.sources.tables import Source
from aggregator.walls.lock import lock_wall
from aggregator.walls.tables import Wall


async def remove_wall(db: AsyncSession, wall: Wall, by: Actor = UNNAMED) -> None:
    """Delete a wall: sources, items, audit entries and channels, and those of its posts that no other wall has.

    One entry stays, which says who has removed the wall of this short name, and when.

    Of a post that was withdrawn the short id stays, which says nothing, so that no other wall brings it back. Pictures
    that no post shows any more are left to whoever keeps them.

    The sources are locked first (see `aggregator.walls.lock` for why): a poll that is under way comes to its end, and
    the next one finds no source. Raises WallError where somebody else has just removed it.
    """
    locked = select(Source.id).where(Source.wall_id == wall.id).order_by(col(Source.id)).with_for_update()
    await db.exec(locked)
    await lock_wall(db, wall)
    await _delete_posts(db, wall)
    await db.exec(delete(Item).where(col(Item.wall_id) == wall.id))
    await clear_entries(db, wall.id or 0)
    await record(db, by, Action.REMOVE, [Change(None, SubjectKind.WALL, wall.slug)])
    for channel_id in (wall.channel, wall.desk):
        await close_channel(db, channel_id)
    await db.exec(delete(Wall).where(col(Wall.id) == wall.id))


async def _delete_posts(db: AsyncSession, wall: Wall) -> None:
    """Locked first, then looked at again: a post that has just come to another wall is needed there."""
    elsewhere = aliased(Item)
    here = col(StoredPost.n).in_(select(Item.post_n).where(Item.wall_id == wall.id))
    locking = select(StoredPost.n).where(here).order_by(StoredPost.id).with_for_update().subquery()
    await db.exec(select(func.count()).select_from(locking))
    needed = exists().where(col(elsewhere.post_n) == col(StoredPost.n), col(elsewhere.wall_id) != wall.id)
    await db.exec(delete(StoredPost).where(here, col(StoredPost.body).is_not(None), ~needed))
