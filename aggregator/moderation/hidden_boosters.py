"""Hidden authors as those who have boosted others' posts onto a wall: the posts stay, the names beside them go."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.listing import BATCH, bare
from aggregator.items.pictures import renew_pictures
from aggregator.items.publishing import show
from aggregator.items.tables import Item, StoredPost, numbers
from aggregator.walls.tables import Wall
from connectors.contract import Person


async def boosted_by(db: AsyncSession, wall: Wall, handle: str) -> list[str]:
    """The ids of the posts that this author has boosted onto the wall, in the order of every writer."""
    found: list[str] = []
    position: int | None = -1
    while position is not None:
        here = (col(Item.wall_id) == wall.id, col(Item.boosted_by).is_not(None), col(Item.post_n) > position)
        query = select(Item.post_n, StoredPost.id, Item.boosted_by).join(StoredPost).where(*here)
        rows = (await db.exec(query.order_by(col(Item.post_n)).limit(BATCH))).all()
        found += [
            id_ for _, id_, body in rows if bare(msgspec.json.decode(body or b"", type=Person).handle) == bare(handle)
        ]
        position = rows[-1][0] if len(rows) == BATCH else None
    return sorted(found)


async def unname_boosters(db: AsyncSession, wall: Wall, post_ids: Collection[str]) -> None:
    """Forget who has boosted these posts onto the wall, avatar included, and publish them without."""
    ordered = select(Item.post_n).join(StoredPost).where(Item.wall_id == wall.id, col(StoredPost.id).in_(post_ids))
    await db.exec(ordered.order_by(col(StoredPost.id)).with_for_update(of=Item))
    here = (col(Item.wall_id) == wall.id, col(Item.post_n).in_(numbers(post_ids)))
    await db.exec(update(Item).where(*here).values(boosted_by=None))
    await renew_pictures(db, post_ids)
    await show(db, wall, post_ids)
