"""How many items each wall has in which state, and when the newest post came."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.tables import Item, State, StoredPost


async def count_items(db: AsyncSession) -> defaultdict[int, Counter[State]]:
    """wall id → state → how many."""
    counts: defaultdict[int, Counter[State]] = defaultdict(Counter)
    query = select(Item.wall_id, Item.state, func.count()).group_by(col(Item.wall_id), col(Item.state))
    for wall_id, state, number in await db.exec(query):
        counts[wall_id][State(state)] = number
    return counts


async def newest_post_at(db: AsyncSession) -> datetime | None:
    """When the last post came. By its number, which counts up: of a million moments none would be found at once."""
    return (await db.exec(select(StoredPost.first_seen_at).order_by(col(StoredPost.n).desc()).limit(1))).first()
