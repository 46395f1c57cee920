"""Two concurrent writers on PostgreSQL: the first continues once the second is seen to wait."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from aggregator.store.store import Store

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
TIMEOUT = 60
"""Seconds."""


async def wait_until(store: Store, number: int) -> None:
    """Return once this number of transactions waits for a lock. Raises TimeoutError."""
    async with asyncio.timeout(TIMEOUT):
        while await waiting(store) < number:
            await asyncio.sleep(0.01)


async def waiting(store: Store) -> int:
    """Return the number of waiting transactions. Within one transaction PostgreSQL would repeat its answer."""
    async with store.read() as db:
        return int((await (await db.connection()).execute(WAITING)).scalar_one())
