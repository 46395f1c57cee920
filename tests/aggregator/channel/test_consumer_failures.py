"""A consumer whose handler fails, never ends, or loses the store or its channel."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from aggregator.channel.consumer import Delivery, Write
from aggregator.channel.publish import NoChannel, close_channel
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from tests.aggregator.channel.consuming import (
    Recorder,
    consumer,
    cursors,
    open_channels,
    running,
    say,
    until,
    until_cursor,
)


@pytest.fixture
async def store(store: Store) -> Store:
    await open_channels(store, "a/wall", "a/desk")
    return store


async def test_handler_that_fails_is_tried_again_with_the_same_records(store: Store) -> None:
    handler = Recorder(failures=2)
    await say(store, "a", "b")
    with capture_logs() as logs:
        async with running(consumer(store, handler, look_interval=0.02)):
            await until(handler, "a", "b")
    failed = [entry for entry in logs if entry["event"] == "consumer failed"]
    assert [(entry["channel"], entry["seq"], entry["again_in"]) for entry in failed] == [("a/wall", 0, 0.01)] * 2
    assert handler.attempts == 3


async def test_channel_whose_handler_fails_holds_up_no_other(store: Store) -> None:
    handler = Recorder()

    async def fussy(delivery: Delivery) -> Write | None:
        if delivery.channel == "a/wall":
            raise ValueError("not this one")
        return await handler(delivery)

    await open_channels(store, "b/wall")
    await say(store, "a")
    await say(store, "b", channel="b/wall")
    async with running(consumer(store, fussy, back_off=(3600,))):
        await until(handler, "b")
        await until_cursor(store, "b/wall", 1)
    assert await cursors(store) == {"b/wall": 1}


async def test_handler_that_never_ends_counts_as_failed(store: Store) -> None:
    handler = Recorder(gate=asyncio.Event())
    await say(store, "a")
    with capture_logs() as logs:
        async with running(consumer(store, handler, handler_timeout=0.01, look_interval=0.02)):
            async with asyncio.timeout(30):
                while handler.attempts < 2:
                    await asyncio.sleep(0.01)
    assert {entry["event"] for entry in logs} == {"consumer failed"}
    assert await cursors(store) == {}


async def test_handler_that_finds_a_channel_gone_has_failed_like_any_other(store: Store) -> None:
    attempts: list[Delivery] = []

    async def elsewhere(delivery: Delivery) -> Write | None:
        attempts.append(delivery)
        raise NoChannel("There is no channel “b/desk”.")

    await say(store, "a")
    with capture_logs() as logs:
        async with running(consumer(store, elsewhere, look_interval=0.01, back_off=(3600,))):
            async with asyncio.timeout(30):
                while not logs:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)  # in which a second attempt would come
    assert len(attempts) == 1
    assert [entry["event"] for entry in logs] == ["consumer failed"]


async def test_outage_is_no_failure_of_the_handler(store: Store) -> None:
    handler = Recorder()
    left = [1, 2, 3]

    async def unreachable(delivery: Delivery) -> Write | None:
        if left:
            left.pop()
            raise Outage("The database does not answer.", "Start it.")
        return await handler(delivery)

    await say(store, "a")
    with capture_logs() as logs:
        async with running(consumer(store, unreachable, look_interval=0.01, back_off=(0.01, 3600))):
            await until(handler, "a")
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("consumer waits", "warning")] * 3


async def test_channel_that_closes_while_its_first_records_are_handled_is_forgotten(store: Store) -> None:
    handler = Recorder()

    async def slow(delivery: Delivery) -> Write | None:
        if delivery.channel == "a/wall":
            async with store.write() as db:
                await close_channel(db, "a/wall")
        return await handler(delivery)

    await open_channels(store, "b/wall")
    await say(store, "a")
    with capture_logs() as logs:
        async with running(consumer(store, slow)):
            await until_cursor(store, "b/wall", 0)
            await asyncio.sleep(0.1)
    assert (logs, await cursors(store)) == ([], {"b/wall": 0})
