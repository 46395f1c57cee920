"""Two concurrent writers of the same posts, on PostgreSQL: SQLite has only one writer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from aggregator.audit.actor import UNNAMED
from aggregator.channel.publish import publish
from aggregator.intake.admit import AdmitResult
from aggregator.intake.context import PollContext
from aggregator.intake.recheck import RecheckResult, recheck_source
from aggregator.items.ids import post_id
from aggregator.items.tables import StoredPost
from aggregator.moderation.author_decisions import hide_author
from aggregator.moderation.author_rules import hidden_handles, lift_rule, set_rule
from aggregator.moderation.hidden_authors import bring_back_some
from aggregator.moderation.judge import Judge
from aggregator.moderation.origin import withdraw_source
from aggregator.sources.tables import Sighting, Source
from aggregator.store.store import Store
from aggregator.walls.tables import Mode
from aggregator.walls.walls import change_wall, find_wall
from connectors.contract import Page
from connectors.http.client import Http
from tests.aggregator.invented import (
    ADA,
    BEN,
    KIM,
    NETWORK,
    ONE,
    START,
    TWO,
    Clock,
    Invented,
    a_source,
    a_wall,
    announced,
    bring,
    said,
    shown,
    words,
)
from tests.aggregator.two_writers import wait_until
from tests.conftest import Turns

LATER = START + timedelta(hours=1)


@pytest.fixture
async def store(turns: Turns, tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(await turns.take(tmp_path))
    yield store
    await store.close()


async def test_pollers_of_which_each_keeps_what_the_other_loses_do_not_wait_in_a_ring(store: Store) -> None:
    """Both are held up after they have read their incoming posts, and before they erase the lost ones."""
    wall = await a_wall(store)
    one, two = [await a_source(store, wall, tag) for tag in ("one", "two")]
    for source in (one, two):
        await bring(store, source, Page(posts=(said("1"), said("2"))), START)

    async def poll(source: Source, kept: str, lost: str) -> AdmitResult:
        return await bring(store, source, Page(posts=(said(kept),), gone=(lost,)), START)

    async with store.write() as holding:
        await holding.exec(select(Sighting).where(col(Sighting.source_id).in_([one.id, two.id])).with_for_update())
        polls = [asyncio.create_task(poll(one, "1", "2")), asyncio.create_task(poll(two, "2", "1"))]
        await wait_until(store, 2)
    first, second = await asyncio.gather(*polls)
    assert (first, second) == (
        AdmitResult(gone=frozenset({TWO}), authors_to_check=(ADA,)),
        AdmitResult(gone=frozenset({ONE}), authors_to_check=(ADA,)),
    )
    assert await shown(store, wall.channel) == {ONE: None, TWO: None}


async def test_second_looks_of_which_each_finds_another_post_gone_do_not_wait_in_a_ring(store: Store) -> None:
    """Each deletes all sightings of the post that is gone, and marks its own sighting of the other as checked."""
    wall = await a_wall(store)
    one, two = [await a_source(store, wall, tag) for tag in ("one", "two")]
    for source in (one, two):
        await bring(store, source, Page(posts=(said("1"), said("2")), refs={"1": "r1", "2": "r2"}), START)

    async def look(source: Source, gone: str) -> RecheckResult | None:
        network = {NETWORK: Invented(second_look=Page(gone=(gone,)))}
        context = PollContext(store=store, connectors=network, http=Http(), clock=Clock(LATER), pauses=())
        return await recheck_source(context, source.id or 0)

    async with store.write() as holding:
        await holding.exec(select(StoredPost).with_for_update())
        looks = [asyncio.create_task(look(one, "1")), asyncio.create_task(look(two, "2"))]
        await wait_until(store, 2)
    assert await asyncio.gather(*looks) == [
        RecheckResult(AdmitResult(gone=frozenset({ONE}), authors_to_check=(ADA,))),
        RecheckResult(AdmitResult(gone=frozenset({TWO}), authors_to_check=(ADA,))),
    ]
    assert await shown(store, wall.channel) == {ONE: None, TWO: None}


async def test_sources_taken_back_at_the_same_moment_do_not_wait_in_a_ring(store: Store) -> None:
    """A writer that waits for the first of many posts has locked none of the others."""
    wall = await a_wall(store)
    one, two = [await a_source(store, wall, tag) for tag in ("one", "two")]
    posts = tuple(said(str(n)) for n in range(40))
    ids = sorted(post_id(NETWORK, post.key) for post in posts)
    for source in (one, two):
        await bring(store, source, Page(posts=posts), START)

    async def clear(source: Source) -> frozenset[str]:
        async with store.write() as db:
            return await withdraw_source(db, source.id or 0, KIM, "it begins again")

    async with store.write() as holding:
        await holding.exec(select(StoredPost).where(StoredPost.id == ids[0]).with_for_update())
        under_way = [asyncio.create_task(clear(source)) for source in (one, two)]
        await wait_until(store, 2)
        async with store.write() as db:
            free = select(StoredPost.id).order_by(StoredPost.id).with_for_update(skip_locked=True)
            assert list(await db.exec(free)) == ids[1:]
    assert await asyncio.gather(*under_way) == [frozenset(ids)] * 2
    assert await shown(store, wall.channel) == dict.fromkeys(ids)


async def test_author_is_hidden_while_a_page_comes_in_and_the_wall_is_changed(store: Store) -> None:
    """The page has locked the wall for which the rule waits, and itself waits for the channel."""
    wall = await a_wall(store)

    async def hide() -> None:
        async with store.write() as db:
            await set_rule(db, wall, BEN.handle, why="", by=KIM)

    async def change() -> None:
        async with store.write() as db:
            await change_wall(db, await find_wall(db, wall.slug), name="New", by=UNNAMED)

    async with store.write() as coming:
        await Judge.load(coming, wall, [ADA])
        hiding = asyncio.create_task(hide())
        await wait_until(store, 1)
        changing = asyncio.create_task(change())
        await wait_until(store, 2)
        await publish(coming, wall.channel, [])
    await asyncio.gather(hiding, changing)
    assert (await announced(store, wall))["name"] == "New"
    async with store.read() as db:
        assert await hidden_handles(db, wall) == ["ben@invented.example"]


async def test_rule_ends_while_a_page_comes_in_and_the_wall_is_changed(store: Store) -> None:
    """The page holds the post that the end of the rule waits for, and asks itself for the wall that this one shares."""
    wall = await a_wall(store)
    await bring(store, await a_source(store, wall), Page(posts=(said("1"),)))
    await hide_author(store, ADA.handle, None, KIM)

    async def end_rule() -> int:
        async with store.write() as db:
            return await bring_back_some(db, wall, ADA.handle, by=KIM)

    async def change() -> None:
        async with store.write() as db:
            await change_wall(db, await find_wall(db, wall.slug), name="New", by=UNNAMED)

    async with store.write() as db:
        await lift_rule(db, wall, ADA.handle, by=KIM)
    async with store.write() as coming:
        await coming.exec(select(StoredPost).where(StoredPost.id == ONE).with_for_update(key_share=True))
        ending = asyncio.create_task(end_rule())
        await wait_until(store, 1)
        changing = asyncio.create_task(change())
        await wait_until(store, 2)
        await Judge.load(coming, wall, [BEN])
    assert await ending == 1
    await changing
    assert list(await words(store, wall.channel)) == [ONE]


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"mode": Mode.APPROVE}, ("held", "new posts wait for approval on this wall")),
        ({"begins": "2009-11-01"}, ("hidden", "it was said before this wall begins")),
    ],
)
async def test_page_that_waits_for_a_change_of_its_wall_is_judged_by_the_new_rules(
    store: Store, change: dict[str, Any], state: tuple[str, str]
) -> None:
    wall = await a_wall(store)
    source = await a_source(store, wall)
    async with store.write() as changing:
        await change_wall(changing, await find_wall(changing, wall.slug), by=UNNAMED, **change)
        coming = asyncio.create_task(bring(store, source, Page(posts=(said("1"),))))
        await wait_until(store, 1)
    await coming
    desk = (await shown(store, wall.desk))[ONE]
    assert (desk["state"], desk["why"]) == state
    assert await shown(store, wall.channel) == {}
