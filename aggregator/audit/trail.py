"""The audit trail, written in the very transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.tables import Decision
from aggregator.timestamps import now

Before = tuple[int, str, str]
"""An item as it was: (wall id, post id, state)."""


async def record(db: AsyncSession, items: Iterable[Before], after: tuple[str, str], by: str) -> None:
    """Note that each of these items has become `after`: a state, and why."""
    at, (state, why) = now(), after
    entries = [
        {
            "wall_id": wall_id,
            "post_id": post_id,
            "before": str(before),
            "after": str(state),
            "why": why,
            "by": by,
            "at": at,
        }
        for wall_id, post_id, before in items
    ]
    if entries:
        await (await db.connection()).execute(insert(Decision), entries)
