"""The pins of a wall: the posts that stay first, each until its end."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.tables import Record
from aggregator.items.publishing import PIN
from aggregator.items.tables import Item, StoredPost
from aggregator.walls.tables import Wall


async def pins_on(db: AsyncSession, wall: Wall) -> dict[str, datetime | None]:
    """Return the posts with a pin on the wall's channel, ended ones included: id → its end."""
    query = (
        select(StoredPost.id, Item.pinned_until)
        .join(Item)
        .join(Record, col(Record.key) == col(StoredPost.id))
        .where(Item.wall_id == wall.id, Record.channel_id == wall.channel)
        .where(Record.kind == PIN, col(Record.body).is_not(None))
    )
    return dict((await db.exec(query)).all())
