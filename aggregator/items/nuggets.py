"""The nuggets of a wall: its live posts that an organiser has marked as worth keeping."""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.ids import wall_channel
from aggregator.channel.read import MAX_RECORDS, POST, Batch, by_keys, snapshot
from aggregator.items.tables import Item, State, StoredPost
from aggregator.walls.tables import Wall


async def nuggets_on(db: AsyncSession, slug: str) -> Batch:
    """Return a snapshot of the wall's channel whose posts are its newest nuggets. Raises NoChannel."""
    channel = wall_channel(slug)
    start = await snapshot(db, channel, 0)
    newest = (
        select(StoredPost.id)
        .join(Item)
        .join(Wall)
        .where(Wall.slug == slug, col(Item.nugget), Item.state == State.LIVE)
        .order_by(col(StoredPost.at).desc())
        .limit(MAX_RECORDS)
    )
    records = await by_keys(db, channel, POST, (await db.exec(newest)).all())
    return Batch(start.epoch, start.head, (*start.records, *sorted(records, key=lambda each: (-each.at, each.key))))
