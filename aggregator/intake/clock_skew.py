"""A clock that has stepped back: moments that the store has from the time before would keep sources waiting for it.

It owns how such a source comes to its turn all the same; it refuses to know why a clock is set.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import and_, or_
from sqlmodel import col, select

from aggregator.intake.context import PollContext
from aggregator.sources.tables import Source

LOOK_EVERY = timedelta(minutes=1)
"""No more often, so that two pollers whose clocks disagree don't hurry each other's sources."""
HARMLESS = timedelta(seconds=10)
"""A smaller step only delays a poll by as much."""

log = structlog.get_logger()


class ClockSkew:
    """Ask `look()` often; it looks at the store at the start, when the clock goes back, and once a minute."""

    def __init__(self, context: PollContext) -> None:
        self._context = context
        self._looked: datetime | None = None

    async def look(self) -> list[int]:
        """The sources that had been asked in what is the future now. They wait no longer than they had to before."""
        at = self._context.clock()
        if self._looked is not None and timedelta(0) <= at - self._looked < LOOK_EVERY:
            return []
        found = await self._mend(at)
        self._looked = at
        if found:
            log.warning("the clock has stepped back", sources=found)
        return found

    async def _mend(self, at: datetime) -> list[int]:
        """The pause that a source was given stays as long as it was, and begins now."""
        async with self._context.store.read() as db:
            found = [id_ for id_ in await db.exec(select(Source.id).where(_is_ahead(at))) if id_ is not None]
        if found:
            async with self._context.store.write() as db:
                query = select(Source).where(_is_ahead(at)).order_by(col(Source.id)).with_for_update()
                for source in await db.exec(query):
                    pause = source.next_poll_at - source.polled_at if source.polled_at else timedelta(0)
                    source.next_poll_at = at + max(pause, timedelta(0))
                    source.polled_at = at if source.polled_at else None
        return found


def _is_ahead(at: datetime) -> Any:
    """Asked in the future; or never asked and not due at once, as every new source is."""
    limit, asked = at + HARMLESS, col(Source.polled_at)
    return or_(asked > limit, and_(asked.is_(None), col(Source.next_poll_at) > limit))
