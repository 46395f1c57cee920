"""How each source is heard: by listening or by polling, and which of the two brings its posts first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.tables import StoredPost
from aggregator.sources.tables import Sighting, Source, Stream
from aggregator.store.sql import chunks, stored_id
from aggregator.timestamps import to_micros

HOURS: Final = 6
"""Hours for which posts are counted."""


class Listening(NamedTuple):
    """Since when a source is listened to, or else why it is only polled, if there is a reason.

    Of the posts of the last hours, `told` came first by listening, and `found` first by polling.
    """

    since: datetime | None = None
    polled_because: str = ""
    told: int = 0
    found: int = 0

    @property
    def sentence(self) -> str:
        """The state and the counts in one line; empty for a source that has no stream and never had."""
        if self.since is None and not self.polled_because and not self.told:
            return ""
        if self.since is not None:
            state = f"Listening since {self.since:%-d %b, %H:%M} UTC."
        else:
            state = f"Polling because: {self.polled_because}" if self.polled_because else "Polling."
        return f"{state} Posts of the last {HOURS} hours: {self.told} told by listening, {self.found} found by polling."


async def listening(db: AsyncSession, sources: Sequence[Source], at: datetime) -> dict[int, Listening]:
    """Return how each of these sources is heard at this moment, by id."""
    open_ = await _open(db, {source.stream for source in sources if source.listening_since}, at)
    counts = await _counts(db, [stored_id(source) for source in sources], at - timedelta(hours=HOURS))
    return {
        stored_id(source): Listening(
            since=source.listening_since if source.stream in open_ else None,
            polled_because=source.not_listening if source.is_polled else "",
            told=counts.get((stored_id(source), True), 0),
            found=counts.get((stored_id(source), False), 0),
        )
        for source in sources
    }


async def _open(db: AsyncSession, keys: set[str], at: datetime) -> set[str]:
    """Return the keys of the streams that a process has open: one that was killed has left its sources as they were."""
    found: set[str] = set()
    for chunk in chunks(sorted(keys)):
        found.update(await db.exec(select(Stream.key).where(col(Stream.key).in_(chunk), col(Stream.leased_until) > at)))
    return found


async def _counts(db: AsyncSession, source_ids: Sequence[int], since: datetime) -> dict[tuple[int, bool], int]:
    """Return the numbers of posts since then, by source and by whether a stream has told of them first."""
    found: dict[tuple[int, bool], int] = {}
    for chunk in chunks(source_ids):
        query = (
            select(Sighting.source_id, Sighting.heard, func.count())
            .join(StoredPost)
            .where(col(Sighting.source_id).in_(chunk), col(Sighting.checked_at) >= to_micros(since))
            .where(col(StoredPost.first_seen_at) >= since)
            .group_by(col(Sighting.source_id), col(Sighting.heard))
        )
        found |= {(source_id, heard): count for source_id, heard, count in await db.exec(query)}
    return found
