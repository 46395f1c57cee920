"""Changing a large table while the wall runs: its rows in small batches, each with its place, resumed after a kill.

A migration that must touch every row adds its column empty, and adds a step to BACKFILLS; readers accept both shapes
until the step is done. An index for it is a step of another kind: an Index. It refuses to keep writers waiting for
longer than one batch, or on SQLite one index, takes.
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
from aggregator.store.store import Store
from connectors.contract import Post

Step = Callable[[AsyncSession, str], Awaitable[str | None]]
"""Rewrites one batch from a position and returns where the next begins; None at the end."""

AUTHORS_AT_ONCE = 500


async def name_authors(db: AsyncSession, position: str) -> str | None:
    """Note the author of each post that was stored before authors were noted.

    The posts are locked before they are read, in the order of every writer: of one that is withdrawn meanwhile nothing
    may be noted any more.
    """
    query = select(StoredPost.n).where(col(StoredPost.n) > int(position or 0)).order_by(col(StoredPost.n))
    batch = (await db.exec(query.limit(AUTHORS_AT_ONCE))).all()
    living = (col(StoredPost.n).in_(batch), col(StoredPost.body).is_not(None))
    locked = select(StoredPost.n, StoredPost.network, StoredPost.body).where(*living).order_by(col(StoredPost.id))
    for n, network, body in (await db.exec(locked.with_for_update(key_share=True))).all():
        author = author_id(network, msgspec.json.decode(body or b"", type=Post).author)
        await db.exec(update(StoredPost).where(col(StoredPost.n) == n).values(author=author))
    return str(batch[-1]) if len(batch) == AUTHORS_AT_ONCE else None


BACKFILLS: Mapping[str, Step | Index] = {
    "authors": name_authors,
    "post_by_author": Index("post_by_author", "post (author)"),
}
BREATH = 0.05
"""Seconds between two batches."""
REST = 5.0
"""Seconds before another try where the database could not be used, or another process is making an index."""

log = structlog.get_logger()


async def run(
    store: Store, steps: Mapping[str, Step | Index] = BACKFILLS, *, breath: float = BREATH, rest: float = REST
) -> None:
    """Finish every backfill that is not done, pausing between batches so that posts keep flowing.

    A database that is away for a while is waited for.
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
            log.warning("backfill waits", name=name, reason=outage.problem)
            await asyncio.sleep(rest)
        await asyncio.sleep(breath)


async def _advance(store: Store, name: str, step: Step) -> bool:
    """One batch and its place, in one transaction. False when there is nothing left to do."""
    async with store.write() as db:
        place = await db.get(Backfill, name, with_for_update=True) or Backfill(name=name)
        if place.done:
            return False
        following = await step(db, place.position)
        place.done = following is None
        place.position = following or ""
        db.add(place)
    if place.done:
        log.info("backfill done", name=name)
    return not place.done


async def _make(store: Store, name: str, index: Index, rest: float) -> bool:
    """The index, then that it is done: a kill between the two finds it made. False when there is nothing left to do."""
    async with store.read() as db:
        place = await db.get(Backfill, name)
    if place is not None and place.done:
        return False
    if not await index.make(store):
        await asyncio.sleep(rest)
        return True
    async with store.write() as db:
        await db.merge(Backfill(name=name, done=True))
    log.info("backfill done", name=name)
    return False
