"""A lease in a source's row: of all processes that poll from one database, one at a time asks the network for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col

from aggregator.intake.context import PollContext
from aggregator.sources.tables import Source
from aggregator.store import lease
from aggregator.store.lease import LEASE, Lease


@asynccontextmanager
async def leased(context: PollContext, source_id: int, *, due: bool = True) -> AsyncIterator[bool]:
    """Whether this process may poll the source while the block runs. Raises Outage.

    One that is not due any more has been asked by another process since it was read, and is not ours; `due=False`
    is for who asks at another time than the plan's.
    """
    plan = [col(Source.next_poll_at) <= context.clock()] if due else []
    async with Lease(context.store, context.clock, Source, col(Source.id) == source_id).hold(*plan) as ours:
        yield ours


def is_free(at: datetime) -> ColumnElement[bool]:
    """The condition under which a source may be taken."""
    return lease.is_free(Source, at)


__all__ = ["LEASE", "is_free", "leased"]
