"""Two writers at the same moment: the second is seen to wait before the first goes on. Only PostgreSQL has two."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from aggregator.store.store import Store

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
TIMEOUT = 20
"""Seconds."""


async def wait_until(store: Store, number: int) -> None:
    """Return once so many transactions wait for a lock. Raises TimeoutError."""
    async with asyncio.timeout(TIMEOUT):
        while await waiting(store) < number:
            await asyncio.sleep(0.01)


async def waiting(store: Store) -> int:
    """How many wait for a lock. Within one transaction PostgreSQL would give the same answer again."""
    async with store.read() as db:
        return int((await (await db.connection()).execute(WAITING)).scalar_one())
