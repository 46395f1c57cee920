"""Removing a wall: the data that is deleted, the data that stays, and late polls."""

from __future__ import annotations

import random
from typing import Any

from sqlmodel import SQLModel, func, select

from aggregator.audit.actor import UNNAMED
from aggregator.audit.tables import AuditEntry
from aggregator.channel.read import since
from aggregator.channel.tables import Channel, Record
from aggregator.intake.context import PollContext
from aggregator.intake.poll import poll_source
from aggregator.items.tables import Item, StoredPost
from aggregator.media.tables import PictureUse
from aggregator.moderation.decisions import hide, withdraw
from aggregator.retention.walls import remove_wall
from aggregator.sources.tables import Sighting, Source
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from aggregator.walls.walls import list_walls
from connectors.contract import Page
from connectors.http.client import Http
from tests.aggregator.invented import ADA, KIM, NETWORK, ONE, TWO, Invented, a_source, a_wall, bring, said, shown, words

EVERYTHING = (Wall, Source, Item, Sighting, StoredPost, PictureUse, AuditEntry, Channel, Record)


async def remove(store: Store, wall: Wall) -> None:
    async with store.write() as db:
        await remove_wall(db, wall, by=UNNAMED)


async def left(store: Store) -> dict[type[SQLModel], int]:
    """Return the tables that are not empty, with their numbers of rows."""
    async with store.read() as db:
        numbers = {table: (await db.exec(select(func.count()).select_from(table))).one() for table in EVERYTHING}
    return {table: number for table, number in numbers.items() if number}


async def a_busy_wall(store: Store, slug: str, *keys: str) -> tuple[Wall, Source]:
    wall = await a_wall(store, slug)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=tuple(map(said, keys)), boosts={keys[0]: ADA}))
    return wall, source


async def test_removal_leaves_nothing_of_a_wall_that_was_alone(store: Store) -> None:
    wall, _ = await a_busy_wall(store, "hall", "1", "2")
    async with store.write() as db:
        await hide(db, wall, ONE, by=KIM)
    await remove(store, wall)
    assert await left(store) == {AuditEntry: 1}


async def test_removal_leaves_other_walls_as_they_were(store: Store) -> None:
    hall, _ = await a_busy_wall(store, "hall", "1", "2")
    foyer, _ = await a_busy_wall(store, "foyer", "1")
    async with store.read() as db:
        before = await since(db, foyer.channel, 0, 10)
    await remove(store, hall)
    assert await words(store, foyer.channel) == {ONE: "<p>Good morning.</p>"}
    async with store.read() as db:
        assert await list_walls(db) == [foyer]
        assert await since(db, foyer.channel, 0, 10) == before
        assert list(await db.exec(select(StoredPost.id))) == [ONE]
    assert await left(store) == {
        Wall: 1,
        Source: 1,
        Item: 1,
        Sighting: 1,
        StoredPost: 1,
        AuditEntry: 3,
        Channel: 2,
        Record: 4,
    }


async def test_what_was_withdrawn_comes_back_on_no_other_wall(store: Store) -> None:
    hall, _ = await a_busy_wall(store, "hall", "1", "2")
    async with store.write() as db:
        await withdraw(db, hall, ONE, by=KIM, why="asked by its author")
    await remove(store, hall)
    assert await left(store) == {StoredPost: 1, AuditEntry: 1}
    foyer, _ = await a_busy_wall(store, "foyer", "1", "2")
    assert list(await shown(store, foyer.channel)) == [TWO]


async def test_a_wall_of_the_same_name_begins_anew(store: Store) -> None:
    first, _ = await a_busy_wall(store, "hall", "1")
    async with store.read() as db:
        epoch = (await since(db, first.channel, 0, 1)).epoch
    await remove(store, first)
    again, _ = await a_busy_wall(store, "hall", "1")
    async with store.read() as db:
        batch = await since(db, again.channel, 0, 10)
    assert (batch.head, batch.epoch == epoch) == (3, False)


async def test_a_poll_that_was_under_way_reaches_no_other_wall(store: Store) -> None:
    """SQLite reuses the id of the last source after its removal."""
    hall = await a_wall(store)
    old = await a_source(store, hall)

    async def slow(_cursor: str) -> Page:
        await remove(store, hall)
        await a_source(store, await a_wall(store, "foyer"))
        return Page(posts=(said("1"),))

    connector: Any = Invented(slow)
    async with Http() as http:
        kit = PollContext(store=store, connectors={NETWORK: connector}, http=http, random=random.Random(7))
        assert await poll_source(kit, old.id or 0) is None
    assert await left(store) == {Wall: 1, Source: 1, AuditEntry: 3, Channel: 2, Record: 2}


async def test_a_removal_that_fails_has_removed_nothing(store: Store) -> None:
    wall, _ = await a_busy_wall(store, "hall", "1")
    before = await left(store)
    try:
        async with store.write() as db:
            await remove_wall(db, wall, by=UNNAMED)
            raise RuntimeError("the lights went out")
    except RuntimeError:
        pass
    assert await left(store) == before
