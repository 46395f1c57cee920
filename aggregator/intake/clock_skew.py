"""Rescheduling sources after the clock was set back: otherwise they would wait for timestamps in the future."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import and_, or_
from sqlmodel import col, select

from aggregator.intake.context import PollContext
from aggregator.sources.tables import Source

CHECK_INTERVAL = timedelta(minutes=1)
"""The least time between two checks, so that pollers whose clocks disagree don't hurry each other's sources."""
TOLERANCE = timedelta(seconds=10)
"""The largest step back that is ignored: it delays a poll by no more than that."""

log = structlog.get_logger()


class ClockSkew:
    """Call `check()` often; it reads the store at the start, after the clock was set back, and once a minute."""

    def __init__(self, context: PollContext) -> None:
        self._context = context
        self._checked_at: datetime | None = None

    async def check(self) -> list[int]:
        """Reschedule the sources whose last poll lies in the future, and return their ids."""
        at = self._context.clock()
        if self._checked_at is not None and timedelta(0) <= at - self._checked_at < CHECK_INTERVAL:
            return []
        found = await self._reschedule(at)
        self._checked_at = at
        if found:
            log.warning("clock set back, sources rescheduled", sources=found)
        return found

    async def _reschedule(self, at: datetime) -> list[int]:
        """Start each source's current pause again from now, with the same length."""
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
    """Return the condition for sources polled in the future, or never polled and not due, as new sources are."""
    limit, asked = at + TOLERANCE, col(Source.polled_at)
    return or_(asked > limit, and_(asked.is_(None), col(Source.next_poll_at) > limit))
