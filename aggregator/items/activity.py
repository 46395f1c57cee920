"""How many posts sources have brought, hour by hour."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, func, type_coerce
from sqlalchemy import select as columns
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.tables import StoredPost
from aggregator.sources.tables import Sighting
from aggregator.timestamps import MICROSECOND, to_micros

HOURS = 24
HOUR = timedelta(hours=1)


async def posts_by_hour(db: AsyncSession, source_ids: Collection[int], at: datetime) -> dict[int, list[int]]:
    """Return, for each source, the posts that came in each of the last 24 hours before `at`, the latest hour last.

    A post counts when the store first saw it, whenever it was said, and for each source that has seen it.
    """
    counts = {source_id: [0] * HOURS for source_id in source_ids}
    since = at - HOURS * HOUR
    came = type_coerce(col(StoredPost.first_seen_at), BigInteger)
    hour = ((came - to_micros(since)) / (HOUR // MICROSECOND)).label("hour")
    rate: Any = (
        columns(col(Sighting.source_id), hour, func.count())
        .join(StoredPost, col(StoredPost.n) == col(Sighting.post_n))
        .where(col(StoredPost.first_seen_at) > since, col(StoredPost.first_seen_at) <= at)
        .where(col(Sighting.source_id).in_(source_ids))
        .group_by(col(Sighting.source_id), hour)
    )
    for source_id, number, posts in await db.exec(rate):
        counts[source_id][min(int(number), HOURS - 1)] += posts
    return counts
