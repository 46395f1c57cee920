"""Counts of items by wall and state, and the time of the newest post."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.tables import Item, State, StoredPost


async def count_items(db: AsyncSession) -> defaultdict[int, Counter[State]]:
    """Return the number of items: wall id → state → number."""
    counts: defaultdict[int, Counter[State]] = defaultdict(Counter)
    query = select(Item.wall_id, Item.state, func.count()).group_by(col(Item.wall_id), col(Item.state))
    for wall_id, state, number in await db.exec(query):
        counts[wall_id][State(state)] = number
    return counts


async def newest_post_at(db: AsyncSession) -> datetime | None:
    """Return when the newest post was first seen, looked up by the post's number."""
    return (await db.exec(select(StoredPost.first_seen_at).order_by(col(StoredPost.n).desc()).limit(1))).first()
