"""Two pollers that touch the same posts at the same moment. Only PostgreSQL lets them: SQLite has one writer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from aggregator.intake.admit import Admitted
from aggregator.items.tables import Sighting
from aggregator.store import Store
from aggregator.walls.tables import Source
from connectors._base import Page
from tests.aggregator.invented import ONE, START, TWO, a_source, a_wall, bring, said, shown
from tests.conftest import Turns

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
async def store(turns: Turns, tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(await turns.take(tmp_path))
    yield store
    await store.close()


async def wait_until_two_wait(store: Store) -> None:
    async with asyncio.timeout(20):
        while await waiting(store) < 2:
            await asyncio.sleep(0.01)


async def waiting(store: Store) -> int:
    """How many wait for a lock. Within one transaction PostgreSQL would give the same answer again."""
    async with store.read() as session:
        return int((await (await session.connection()).execute(WAITING)).scalar_one())


async def test_pollers_of_which_each_keeps_what_the_other_loses_do_not_wait_in_a_ring(store: Store) -> None:
    """Both are held up after they have looked at the posts that they bring, and before they forget those that went."""
    wall = await a_wall(store)
    one, two = [await a_source(store, wall, tag) for tag in ("one", "two")]
    for source in (one, two):
        await bring(store, source, Page(posts=(said("1"), said("2"))), START)

    async def poll(source: Source, kept: str, lost: str) -> Admitted:
        return await bring(store, source, Page(posts=(said(kept),), gone=(lost,)), START)

    async with store.write() as holding:
        await holding.exec(select(Sighting).where(col(Sighting.source_id).in_([one.id, two.id])).with_for_update())
        polls = [asyncio.create_task(poll(one, "1", "2")), asyncio.create_task(poll(two, "2", "1"))]
        await wait_until_two_wait(store)
    assert {id_ for admitted in await asyncio.gather(*polls) for id_ in admitted.gone} <= {ONE, TWO}
    assert None in (await shown(store, wall.channel)).values()
