"""An index on a large table, made while the wall runs: writers go on writing where the database lets them.

It owns how each kind of database makes one, and what a killed attempt leaves; it refuses to know when it is time.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from aggregator.store.store import Store

ALONE = text("SELECT pg_try_advisory_lock(hashtext('backchannel index'))")
"""Never the lock that waits: a process that waits for it has a snapshot, and the index waits for every snapshot."""
LEFT = text("SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid")


@dataclass(frozen=True)
class Index:
    """`on` is what SQL wants to know: `post (first_seen_at)`."""

    name: str
    on: str

    async def make(self, store: Store) -> bool:
        """Make it unless it is there. False where another process is about to, so that there is nothing to do yet."""
        async with store.autocommit() as connection:
            if store.dialect == "postgresql":
                return await self._make_beside_writers(connection)
            # SQLite has one writer, which is us for the second or two that this takes; readers see no difference.
            await connection.execute(text(f"CREATE INDEX IF NOT EXISTS {self.name} ON {self.on}"))
            return True

    async def _make_beside_writers(self, connection: AsyncConnection) -> bool:
        """What a killed attempt has left is no index, but has its name: it is thrown out first."""
        if not (await connection.execute(ALONE)).scalar_one():  # given back when the connection is closed
            return False
        if (await connection.execute(LEFT, {"name": self.name})).scalar_one():
            await connection.execute(text(f"DROP INDEX CONCURRENTLY {self.name}"))
        await connection.execute(text(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {self.name} ON {self.on}"))
        return True
