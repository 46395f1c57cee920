"""Having a source polled soon, whenever it would be due."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.sources.errors import SourceError
from aggregator.sources.lookup import find_source
from aggregator.sources.tables import Source
from aggregator.timestamps import now


async def poll_soon(db: AsyncSession, source_id: int) -> Source:
    """Make a source due now: the process that polls takes it within seconds.

    Raises SourceError, also if it has ended or is paused.
    The limits of its server still hold.
    """
    source = await find_source(db, source_id, lock=True)
    if source.ended_at is not None:
        raise SourceError(f"Source {source_id} has ended: follow it again to retry. {source.trouble}")
    if source.paused_at is not None:
        raise SourceError(f"Source {source_id} is paused: resume it first.")
    source.next_poll_at = now()
    db.add(source)
    return source
