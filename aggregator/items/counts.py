"""How many items each wall has in which state. It refuses to know what for."""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.tables import Item, State


async def count_items(session: AsyncSession) -> defaultdict[int, Counter[State]]:
    """wall id → state → how many."""
    counts: defaultdict[int, Counter[State]] = defaultdict(Counter)
    query = select(Item.wall_id, Item.state, func.count()).group_by(col(Item.wall_id), col(Item.state))
    for wall_id, state, number in await session.exec(query):
        counts[wall_id][State(state)] = number
    return counts
