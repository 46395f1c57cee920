"""A post's way from Bluesky to a wall, and off it: deleted, withheld with its account, or deleted with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from aggregator.audit.actor import UNNAMED
from aggregator.intake.authors import Authors
from aggregator.intake.context import PollContext
from aggregator.intake.poll import poll_source
from aggregator.intake.recheck import recheck_after_poll, recheck_source
from aggregator.items.ids import post_id
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import follow
from aggregator.walls.tables import Wall
from connectors.networks.bluesky.connector import Bluesky
from tests.aggregator.invented import Clock, shown, source_now, words
from tests.fakes.bluesky import ADA, LIST, FakeBluesky

HOUR = timedelta(hours=1).total_seconds()


class Journey:
    """A wall that follows an account or a list."""

    def __init__(self, context: PollContext, wall: Wall, network: FakeBluesky) -> None:
        self.context, self.wall, self.network = context, wall, network

    async def follow(self, text: str) -> Source:
        address = Bluesky().recognise(text)
        assert address is not None
        async with self.context.store.write() as db:
            return await follow(db, self.wall, address, by=UNNAMED)

    async def poll(self, source: Source) -> None:
        polled = await poll_source(self.context, source.id or 0)
        await recheck_after_poll(self.context, source.id or 0, polled)

    async def words(self) -> list[str]:
        return sorted((await words(self.context.store, self.wall.channel)).values())

    async def tombstones(self) -> set[str]:
        return {id_ for id_, body in (await shown(self.context.store, self.wall.channel)).items() if body is None}


@pytest.fixture
async def journey(store: Store, wall: Wall) -> AsyncIterator[Journey]:
    network, clock = FakeBluesky(), Clock()
    async with network.http(clock) as http:
        yield Journey(
            PollContext(store=store, connectors={"bluesky": Bluesky()}, http=http, clock=clock, pauses=()),
            wall,
            network,
        )


async def test_deleted_post_leaves_the_wall_with_the_next_poll(journey: Journey) -> None:
    network = journey.network
    first, second = network.post("Mind the gangway"), network.post("Doors are open")
    source = await journey.follow("@ada.quay.example")
    await journey.poll(source)
    assert await journey.words() == ["<p>Doors are open</p>", "<p>Mind the gangway</p>"]
    network.posts[first]["text"] = "Mind the step"
    del network.posts[second]
    await journey.poll(source)
    assert (await journey.words(), await journey.tombstones()) == (
        ["<p>Mind the step</p>"],
        {post_id("bluesky", second)},
    )


async def test_posts_of_a_deactivated_account_come_back_with_it(journey: Journey) -> None:
    network = journey.network
    network.post("Mind the gangway")
    source = await journey.follow("@ada.quay.example")
    await journey.poll(source)
    network.status[ADA] = "deactivated"
    journey.context.clock.forward(HOUR)  # type: ignore[attr-defined]  # it is the tests' clock
    await journey.poll(source)
    now = await source_now(journey.context.store, source)
    assert (await journey.words(), now.ended_at, now.trouble) == (
        [],
        None,
        "Account deactivated: @ada.quay.example is paused by its owner, who may bring it back.",
    )
    network.status[ADA] = "active"
    await journey.poll(source)
    assert await journey.words() == ["<p>Mind the gangway</p>"]


async def test_deleted_account_ends_its_source_and_all_of_its_posts(journey: Journey) -> None:
    """Also those that a list has brought, which are not rechecked by themselves."""
    network = journey.network
    uris = [network.post(f"Number {number}") for number in range(30)]
    account, speakers = await journey.follow("@ada.quay.example"), await journey.follow(LIST)
    await journey.poll(account)
    await journey.poll(speakers)
    assert len(await journey.words()) == 30
    network.status[ADA] = "deleted"
    journey.context.clock.forward(HOUR)  # type: ignore[attr-defined]  # it is the tests' clock
    await journey.poll(account)
    now = await source_now(journey.context.store, account)
    assert (now.ended_at is not None, now.trouble) == (True, "Account deleted: @ada.quay.example no longer exists.")
    looked: Any = await recheck_source(journey.context, speakers.id or 0)
    await Authors(journey.context).follow_up(speakers.id or 0, looked.admitted)
    assert (await journey.words(), await journey.tombstones()) == ([], {post_id("bluesky", uri) for uri in uris})
