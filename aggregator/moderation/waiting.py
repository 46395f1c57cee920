"""What waits for a decision: the held items, the newest first, with the words that the decision is about.

It changes nothing; it refuses to know who asks and how it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select as columns
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.tables import Item, State, StoredPost
from aggregator.walls.tables import Wall
from connectors._base import Post


class Waiting(NamedTuple):
    """A held item: on which wall, why, and since when it is known here."""

    slug: str
    post_id: str
    why: str
    since: datetime
    post: Post


async def list_waiting(session: AsyncSession, wall: Wall | None = None, limit: int | None = None) -> Sequence[Waiting]:
    """The newest `limit` held items of one wall, or of all, in the order in which the wall would have them."""
    query: Any = (  # more columns than sqlmodel has overloads for
        columns(*map(col, (Wall.slug, StoredPost.id, Item.why, StoredPost.first_seen_at, StoredPost.body)))
        .join(Item, col(Item.wall_id) == col(Wall.id))
        .join(StoredPost, col(StoredPost.n) == col(Item.post_n))
        .where(col(Item.state) == State.HELD, col(StoredPost.body).is_not(None))
        .order_by(col(StoredPost.at).desc(), col(StoredPost.id), col(Wall.slug))
        .limit(limit)
    )
    found = await session.exec(query if wall is None else query.where(col(Item.wall_id) == wall.id))
    return [
        Waiting(slug, post_id, why, since, msgspec.json.decode(body, type=Post))
        for slug, post_id, why, since, body in found
    ]


async def count_waiting(session: AsyncSession, wall: Wall | None = None) -> int:
    query = select(func.count()).select_from(Item).where(Item.state == State.HELD)
    return (await session.exec(query if wall is None else query.where(Item.wall_id == wall.id))).one()
