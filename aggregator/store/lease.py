"""A lease in a row: of all processes on one database, one at a time holds it.

It is renewed while it is held and released afterwards; a lease that a kill leaves behind expires within seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, or_, update

from aggregator.store.errors import Outage
from aggregator.store.store import Store

LEASE = timedelta(seconds=12)
RENEW_INTERVAL = 4.0
"""Seconds."""
NEVER = datetime.min.replace(tzinfo=UTC)

T = TypeVar("T")


class Lease:
    """One holder's claim on one row of `table`, which has a column `leased_until`.

    Only what this holder has written is renewed and released, never another holder's.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        table: Any,
        row: ColumnElement[bool],
        *,
        renew_interval: float = RENEW_INTERVAL,
    ) -> None:
        self._store, self._clock, self._renew_interval = store, clock, renew_interval
        self._table, self._row = table, row
        self._until = NEVER

    @asynccontextmanager
    async def hold(self, *conditions: ColumnElement[bool]) -> AsyncIterator[bool]:
        """Take the lease for as long as the block runs; False where it is another's, or the row is not as stated.

        Raises Outage where the store is unavailable.
        """
        try:
            async with self._renewed(is_ours=await shielded(self._take(conditions))) as is_ours:
                yield is_ours
        finally:  # also where the task was cancelled while the lease was being taken
            if self._until > NEVER:
                with suppress(Outage):  # then it expires
                    await shielded(self._write(None, self._is_ours))

    @asynccontextmanager
    async def _renewed(self, *, is_ours: bool) -> AsyncIterator[bool]:
        if not is_ours:
            yield False
            return
        renewing = asyncio.create_task(self._renew(), name=f"lease in {self._table.__tablename__}")
        try:
            yield True
        finally:
            await shielded(_end(renewing))

    async def _take(self, conditions: tuple[ColumnElement[bool], ...]) -> bool:
        at = self._clock()
        return await self._write(at + LEASE, is_free(self._table, at), *conditions)

    async def _renew(self) -> None:
        """Renew until cancelled or lost: a process that stood still for longer than a lease has lost it."""
        is_ours = True
        while is_ours:
            await asyncio.sleep(self._renew_interval)
            with suppress(Outage):
                is_ours = await shielded(self._write(self._clock() + LEASE, self._is_ours))

    @property
    def _is_ours(self) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = self._table.leased_until == self._until
        return condition

    async def _write(self, until: datetime | None, *conditions: ColumnElement[bool]) -> bool:
        async with self._store.write() as db:
            here = update(self._table).where(self._row, *conditions)
            written = (await db.exec(here.values(leased_until=until))).rowcount == 1
        if written and until is not None:
            self._until = until
        return written


def is_free(table: Any, at: datetime) -> ColumnElement[bool]:
    """Whether a row may be taken. A lease far ahead is that of a clock that has stepped back."""
    until = table.leased_until
    return or_(until.is_(None), until <= at, until > at + 2 * LEASE)


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel the task and wait for its end. Awaiting the task itself would swallow our own cancellation."""
    task.cancel()
    await asyncio.wait([task])


async def shielded(work: Coroutine[None, None, T]) -> T:
    """Let a transaction that has begun come to its end, also when its task is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
