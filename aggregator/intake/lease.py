"""A lease in a source's row: of all processes that poll from one database, one at a time asks the network for it.

It is renewed while it is needed and given back afterwards; what a kill leaves ends by itself within seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, update
from sqlmodel import col

from aggregator.intake.kit import Kit, finish
from aggregator.outage import Outage
from aggregator.walls.tables import Source

LEASE = timedelta(seconds=12)
RENEW_EVERY = 4.0
"""Seconds."""


@asynccontextmanager
async def leased(kit: Kit, source_id: int) -> AsyncIterator[bool]:
    """Whether the source is ours to ask for as long as the block runs. Raises Outage where the store is away.

    One that is not due any more has been asked by another process since it was read, and is not ours.
    """
    ours = await finish(_take(kit, source_id))
    if not ours:
        yield False
        return
    renewing = asyncio.create_task(_renew(kit, source_id), name=f"lease of source {source_id}")
    try:
        yield True
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        with suppress(Outage):  # then it ends by itself
            await finish(_give_back(kit, source_id))


def is_free(at: datetime) -> ColumnElement[bool]:
    """The condition under which a source may be taken. A lease far ahead is one of a clock that has stepped back."""
    until = col(Source.leased_until)
    return or_(until.is_(None), until <= at, until > at + 2 * LEASE)


async def _take(kit: Kit, source_id: int) -> bool:
    at = kit.clock()
    here = (col(Source.id) == source_id, col(Source.next_poll_at) <= at, is_free(at))
    async with kit.store.write() as session:
        taken = await session.exec(update(Source).where(*here).values(leased_until=at + LEASE))
        return taken.rowcount == 1


async def _renew(kit: Kit, source_id: int) -> None:
    while True:
        await asyncio.sleep(RENEW_EVERY)
        with suppress(Outage):
            async with kit.store.write() as session:
                here = (col(Source.id) == source_id, col(Source.leased_until).is_not(None))
                await session.exec(update(Source).where(*here).values(leased_until=kit.clock() + LEASE))


async def _give_back(kit: Kit, source_id: int) -> None:
    async with kit.store.write() as session:
        here = (col(Source.id) == source_id, col(Source.leased_until).is_not(None))
        await session.exec(update(Source).where(*here).values(leased_until=None))
