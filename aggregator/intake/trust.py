"""Whether a stream tells what its network knows: polls of its sources show which posts it has missed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import col, select

from aggregator.intake.context import PollContext
from aggregator.items.tables import StoredPost
from aggregator.sources.tables import Source
from aggregator.store.sql import chunks
from aggregator.timestamps import to_micros

GRACE: Final = timedelta(seconds=30)
"""A post may be this old without having been told, and this young: clocks differ, and streams begin and arrive late."""
MAX_MISSED: Final = 3
"""Missed posts at which a stream that tells others may not be trusted. One that tells nothing may miss none."""
MAX_SHARE: Final = 0.1
"""Share of a source's posts that a stream may miss."""


def is_trusted(told: int, missed: int) -> bool:
    """Whether a stream that has told so many posts of a source may have missed so many."""
    return missed == 0 or (told > 0 and (missed < MAX_MISSED or missed <= MAX_SHARE * (told + missed)))


async def count_missed(context: PollContext, source_id: int, new: Collection[str]) -> int:
    """Count those of a poll's new posts that were written while the source's stream was open. Raises Outage."""
    async with context.store.read() as db:
        source = await db.get(Source, source_id)
        if source is None or source.listening_since is None:
            return 0
        begun, now = to_micros(source.listening_since + GRACE), to_micros(context.clock() - GRACE)
        missed = 0
        for chunk in chunks(sorted(new)):
            query = select(func.count()).select_from(StoredPost).where(col(StoredPost.id).in_(chunk))
            missed += (await db.exec(query.where(col(StoredPost.at) > begun, col(StoredPost.at) < now))).one()
        return missed
