"""Creating an index on a large table while the wall runs, on PostgreSQL without blocking writers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from aggregator.store.store import Store

TRY_LOCK = text("SELECT pg_try_advisory_lock(hashtext('backchannel index'))")
"""A lock that never waits: a waiting process would hold a snapshot, and CREATE INDEX CONCURRENTLY waits for those."""
COUNT_INVALID = text("SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid")


@dataclass(frozen=True)
class Index:
    """An index. `on` is the table and its columns in SQL, such as `post (first_seen_at)`."""

    name: str
    on: str

    async def make(self, store: Store) -> bool:
        """Create the index unless it exists. False if another process is creating one, so that the caller must wait."""
        async with store.autocommit() as connection:
            if store.dialect == "postgresql":
                return await self._make_beside_writers(connection)
            # SQLite has one writer: other writers wait for a second or two, readers do not.
            await connection.execute(text(f"CREATE INDEX IF NOT EXISTS {self.name} ON {self.on}"))
            return True

    async def _make_beside_writers(self, connection: AsyncConnection) -> bool:
        """Create the index on PostgreSQL, after dropping an invalid one that a crash has left under its name."""
        if not (await connection.execute(TRY_LOCK)).scalar_one():  # released when the connection is closed
            return False
        if (await connection.execute(COUNT_INVALID, {"name": self.name})).scalar_one():
            await connection.execute(text(f"DROP INDEX CONCURRENTLY {self.name}"))
        await connection.execute(text(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {self.name} ON {self.on}"))
        return True
