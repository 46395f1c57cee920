"""Removing a wall permanently, with all data that no other wall uses, inside the caller's transaction."""

from __future__ import annotations

from sqlalchemy import delete, exists
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, clear_entries, record
from aggregator.channel.publish import close_channel
from aggregator.items.tables import Item, StoredPost
from aggregator.sources.tables import Source
from aggregator.store.sql import stored_id
from aggregator.walls.lock import lock_wall
from aggregator.walls.tables import Wall


async def remove_wall(db: AsyncSession, wall: Wall, by: Actor) -> None:
    """Delete a wall with its sources, items, audit entries and channels, and its posts that no other wall has.

    One entry stays: who removed the wall of this slug, and when.

    The short id of a withdrawn post stays, so that no other wall admits the post again. The picture worker deletes
    unused pictures.

    The sources are locked first (see `aggregator.walls.lock`): a running poll finishes, and the next one finds no
    source. Raises WallError if the wall has just been removed.
    """
    locked = select(Source.id).where(Source.wall_id == wall.id).order_by(col(Source.id)).with_for_update()
    await db.exec(locked)
    await lock_wall(db, wall)
    await _delete_posts(db, wall)
    await db.exec(delete(Item).where(col(Item.wall_id) == wall.id))
    await clear_entries(db, stored_id(wall))
    await record(db, by, Action.REMOVE, [Change(None, SubjectKind.WALL, wall.slug)])
    for channel_id in (wall.channel, wall.desk):
        await close_channel(db, channel_id)
    await db.exec(delete(Wall).where(col(Wall.id) == wall.id))


async def _delete_posts(db: AsyncSession, wall: Wall) -> None:
    """Lock the wall's posts, then delete those that no other wall has meanwhile."""
    elsewhere = aliased(Item)
    here = col(StoredPost.n).in_(select(Item.post_n).where(Item.wall_id == wall.id))
    locking = select(StoredPost.n).where(here).order_by(StoredPost.id).with_for_update().subquery()
    await db.exec(select(func.count()).select_from(locking))
    needed = exists().where(col(elsewhere.post_n) == col(StoredPost.n), col(elsewhere.wall_id) != wall.id)
    await db.exec(delete(StoredPost).where(here, col(StoredPost.body).is_not(None), ~needed))
