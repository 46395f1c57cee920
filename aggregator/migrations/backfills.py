"""Rewriting rows of a large table while the wall runs: in small batches, each with its place, resumed after a kill.

A migration that must touch every row adds its column empty, and adds a step to BACKFILLS; readers accept both shapes
until the step is done. It refuses to hold a lock for longer than one batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.migrations.tables import Backfill
from aggregator.store import Store

Step = Callable[[AsyncSession, str], Awaitable[str | None]]
"""Rewrites one batch from a position and returns where the next begins; None at the end."""

BACKFILLS: Mapping[str, Step] = {}
BREATH = 0.05

log = structlog.get_logger()


async def run(store: Store, steps: Mapping[str, Step] = BACKFILLS, *, breath: float = BREATH) -> None:
    """Finish every backfill that is not done, pausing between batches so that posts keep flowing."""
    for name, step in steps.items():
        await _finish(store, name, step, breath)


async def _finish(store: Store, name: str, step: Step, breath: float) -> None:
    more = True
    while more:
        more = await _advance(store, name, step)
        await asyncio.sleep(breath)


async def _advance(store: Store, name: str, step: Step) -> bool:
    """One batch and its place, in one transaction. False when there is nothing left to do."""
    async with store.write() as session:
        place = await session.get(Backfill, name, with_for_update=True) or Backfill(name=name)
        if place.done:
            return False
        following = await step(session, place.position)
        place.done = following is None
        place.position = following or ""
        session.add(place)
    if place.done:
        log.info("backfill done", name=name)
    return not place.done
