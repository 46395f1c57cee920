"""A lease in a source's row: of all processes that poll from one database, one at a time asks the network for it.

It is renewed while it is needed and given back afterwards; what a kill leaves ends by itself within seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, or_, update
from sqlmodel import col

from aggregator.intake.context import PollContext, shielded
from aggregator.sources.tables import Source
from aggregator.store.errors import Outage

LEASE = timedelta(seconds=12)
RENEW_EVERY = 4.0
"""Seconds."""


@asynccontextmanager
async def leased(context: PollContext, source_id: int, *, due: bool = True) -> AsyncIterator[bool]:
    """Whether the source is ours to ask for as long as the block runs. Raises Outage where the store is away.

    One that is not due any more has been asked by another process since it was read, and is not ours; `due=False`
    is for who asks at another time than the plan's.
    """
    lease = _Lease(context, source_id)
    if not await shielded(lease.take(due=due)):
        yield False
        return
    renewing = asyncio.create_task(lease.renew(), name=f"lease of source {source_id}")
    try:
        yield True
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        with suppress(Outage):  # then it ends by itself
            await shielded(lease.give_back())


def is_free(at: datetime) -> ColumnElement[bool]:
    """The condition under which a source may be taken. A lease far ahead is one of a clock that has stepped back."""
    until = col(Source.leased_until)
    return or_(until.is_(None), until <= at, until > at + 2 * LEASE)


class _Lease:
    """What one holder has written into the row: only that is renewed and given back, never another holder's."""

    def __init__(self, context: PollContext, source_id: int) -> None:
        self._context, self._source_id = context, source_id
        self._until = datetime.min.replace(tzinfo=UTC)

    async def take(self, *, due: bool) -> bool:
        at = self._context.clock()
        plan = [col(Source.next_poll_at) <= at] if due else []
        return await self._write(at + LEASE, is_free(at), *plan)

    async def renew(self) -> None:
        """Until cancelled, or until it is another's: whoever froze for longer than a lease has lost it."""
        is_ours = True
        while is_ours:
            await asyncio.sleep(RENEW_EVERY)
            with suppress(Outage):
                is_ours = await shielded(self._write(self._context.clock() + LEASE, self._is_ours))

    async def give_back(self) -> None:
        await self._write(None, self._is_ours)

    @property
    def _is_ours(self) -> ColumnElement[bool]:
        return col(Source.leased_until) == self._until

    async def _write(self, until: datetime | None, *conditions: ColumnElement[bool]) -> bool:
        async with self._context.store.write() as db:
            here = update(Source).where(col(Source.id) == self._source_id, *conditions)
            written = (await db.exec(here.values(leased_until=until))).rowcount == 1
        if written and until is not None:
            self._until = until
        return written
