"""Backfills: changes to a large table while the wall runs, in small batches, resumed after a crash.

A migration that must touch every row adds an empty column and a step to BACKFILLS; readers accept both shapes until the
step is done. An index is a step of its own kind, an Index. Writers wait for one batch at most, or on SQLite for one
index.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.ids import author_id
from aggregator.items.tables import StoredPost
from aggregator.migrations.indexes import Index
from aggregator.migrations.tables import Backfill
from aggregator.store.errors import Outage
from aggregator.store.sql import inserting
from aggregator.store.store import Store
from connectors.contract import Post

Step = Callable[[AsyncSession, str], Awaitable[str | None]]
"""Rewrite one batch from a position; returns the position of the next batch, None at the end."""

AUTHORS_BATCH = 500


async def name_authors(db: AsyncSession, position: str) -> str | None:
    """Store the author of each post that was stored before this column existed.

    The posts are locked before they are read, by id like every writer, because a post withdrawn meanwhile must keep no
    author.
    """
    query = select(StoredPost.n).where(col(StoredPost.n) > int(position or 0)).order_by(col(StoredPost.n))
    batch = (await db.exec(query.limit(AUTHORS_BATCH))).all()
    living = (col(StoredPost.n).in_(batch), col(StoredPost.body).is_not(None))
    locked = select(StoredPost.n, StoredPost.network, StoredPost.body).where(*living).order_by(col(StoredPost.id))
    for n, network, body in (await db.exec(locked.with_for_update(key_share=True))).all():
        author = author_id(network, msgspec.json.decode(body or b"", type=Post).author)
        await db.exec(update(StoredPost).where(col(StoredPost.n) == n).values(author=author))
    return str(batch[-1]) if len(batch) == AUTHORS_BATCH else None


BACKFILLS: Mapping[str, Step | Index] = {
    "authors": name_authors,
    "post_by_author": Index("post_by_author", "post (author)"),
    "post_by_first_seen": Index("post_by_first_seen", "post (first_seen_at)"),
}
BATCH_PAUSE = 0.05
"""Seconds between two batches."""
RETRY_PAUSE = 5.0
"""Seconds before another try after an outage, or while another process is creating an index."""

log = structlog.get_logger()


async def run(
    store: Store,
    steps: Mapping[str, Step | Index] = BACKFILLS,
    *,
    breath: float = BATCH_PAUSE,
    rest: float = RETRY_PAUSE,
) -> None:
    """Finish every pending backfill, pausing between batches so that new posts are not delayed.

    During an outage of the database it waits.
    """
    for name, step in steps.items():
        await _finish(store, name, step, breath, rest)


async def _finish(store: Store, name: str, step: Step | Index, breath: float, rest: float) -> None:
    more = True
    while more:
        try:
            if isinstance(step, Index):
                more = await _make(store, name, step, rest)
            else:
                more = await _advance(store, name, step)
        except Outage as outage:
            log.warning("backfill deferred", name=name, reason=outage.problem)
            await asyncio.sleep(rest)
        await asyncio.sleep(breath)


async def _advance(store: Store, name: str, step: Step) -> bool:
    """Process one batch and store its position, in one transaction. False when there is nothing left to do."""
    async with store.write() as db:
        backfill = await _locked(db, name)
        if backfill.done:
            return False
        following = await step(db, backfill.position)
        backfill.done = following is None
        backfill.position = following or ""
    if backfill.done:
        log.info("backfill done", name=name)
    return not backfill.done


async def _make(store: Store, name: str, index: Index, rest: float) -> bool:
    """Create the index, then mark the step as done. False when there is nothing left to do."""
    async with store.read() as db:
        backfill = await db.get(Backfill, name)
    if backfill is not None and backfill.done:
        return False
    if not await index.make(store):
        await asyncio.sleep(rest)
        return True
    async with store.write() as db:
        (await _locked(db, name)).done = True
    log.info("backfill done", name=name)
    return False


async def _locked(db: AsyncSession, name: str) -> Backfill:
    """Return the state of a step, locked; several processes may begin it at once."""
    await db.exec(inserting(db, Backfill).values(name=name, position="", done=False).on_conflict_do_nothing())
    return await db.get_one(Backfill, name, with_for_update=True)
