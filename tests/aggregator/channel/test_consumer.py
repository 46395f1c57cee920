"""A consumer over a real store: in order, at least once, in one process at a time, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

import pytest
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.consumer import Delivery, Handler, Write
from aggregator.channel.publish import Draft, close_channel, publish, renew_channels
from aggregator.channel.tables import Channel, ConsumerCursor, ConsumerLease, Record
from aggregator.store.lease import LEASE
from aggregator.store.store import Store
from aggregator.timestamps import now
from tests.aggregator.channel.consuming import (
    Recorder,
    consumer,
    cursors,
    lease,
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


# --- order and place --------------------------------------------------------------------------------------------


async def test_consumer_gets_all_records_of_its_audience_in_order(store: Store) -> None:
    handler = Recorder()
    await say(store, "a", "b", "c")
    await say(store, "elsewhere", channel="a/desk")
    async with running(consumer(store, handler, limit=2)):
        await until(handler, "a", "b", "c")
        await until_cursor(store, "a/wall", 3)
    assert [len(delivery.records) for delivery in handler.given] == [2, 1]
    assert handler.seqs == [1, 2, 3]
    assert await cursors(store) == {"a/wall": 3}
    assert await lease(store) is None


async def test_consumer_hears_of_a_commit_of_this_process_at_once(store: Store) -> None:
    handler = Recorder()
    async with running(consumer(store, handler, look_interval=3600)):
        await until_cursor(store, "a/wall", 0)
        await say(store, "a")
        await until(handler, "a")


async def test_consumer_finds_what_another_process_commits(store: Store) -> None:
    handler = Recorder()
    async with running(consumer(store, handler)):
        await until_cursor(store, "a/wall", 0)
        other = Store(store.url.render_as_string(hide_password=False))
        await say(other, "a")
        await other.close()
        async with asyncio.timeout(30):
            await until(handler, "a")


async def test_consumer_goes_on_where_it_was_stopped(store: Store) -> None:
    first, second = Recorder(), Recorder()
    await say(store, "a")
    async with running(consumer(store, first)):
        await until_cursor(store, "a/wall", 1)
    await say(store, "b")
    await say(store, "a", body=None)
    async with running(consumer(store, second)):
        await until(second, "b", "a")
    assert [(record.key, record.body) for delivery in second.given for record in delivery.records] == [
        ("b", b"{}"),
        ("a", None),
    ]


async def test_consumer_from_head_skips_what_was_there_but_nothing_of_a_new_channel(store: Store) -> None:
    handler = Recorder()
    await say(store, "old")
    async with running(consumer(store, handler, from_head=True)):
        await until_cursor(store, "a/wall", 1)
    await open_channels(store, "b/wall")
    await say(store, "new", channel="b/wall")
    async with running(consumer(store, handler, from_head=True)):
        await until(handler, "new")
        await say(store, "next")
        await until(handler, "new", "next")


async def test_records_gather_for_the_next_batch(store: Store) -> None:
    handler = Recorder()
    await say(store, "a")
    async with running(consumer(store, handler, gather=0.5)):
        await until(handler, "a")
        await say(store, "b")
        await say(store, "c")
        await until(handler, "a", "b", "c")
    assert [len(delivery.records) for delivery in handler.given] == [1, 2]


async def test_consumer_forgets_a_channel_that_is_gone(store: Store) -> None:
    handler = Recorder()
    await say(store, "a")
    async with running(consumer(store, handler)):
        await until_cursor(store, "a/wall", 1)
        async with store.write() as db:
            await close_channel(db, "a/wall")
        assert await cursors(store) == {}
        await open_channels(store, "a/wall")
        await say(store, "b")
        await until(handler, "a", "b")
    assert not any(delivery.is_reset for delivery in handler.given)


# --- another epoch ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("from_head", "again"), [(False, ["a", "b"]), (True, [])])
async def test_another_epoch_begins_the_channel_again(store: Store, *, from_head: bool, again: list[str]) -> None:
    handler = Recorder()
    await say(store, "a", "b")
    async with running(consumer(store, handler)):
        await until_cursor(store, "a/wall", 2)
    async with store.write() as db:
        await renew_channels(db)
    handler.given.clear()
    async with running(consumer(store, handler, limit=1, from_head=from_head)):
        async with asyncio.timeout(30):
            while not handler.given:
                await asyncio.sleep(0.01)
        await until(handler, *again)
        await say(store, "c")
        await until(handler, *again, "c")
    assert [delivery.is_reset for delivery in handler.given] == [True] + [False] * (len(handler.given) - 1)
    assert handler.given[0].epoch == handler.given[-1].epoch


async def test_cursor_ahead_of_its_channel_begins_it_again(store: Store) -> None:
    handler = Recorder()
    await say(store, "a")
    async with running(consumer(store, handler)):
        await until_cursor(store, "a/wall", 1)
        async with store.write() as db:
            await db.exec(update(ConsumerCursor).values(seq=7))
        await until(handler, "a", "a")
    assert [delivery.is_reset for delivery in handler.given] == [False, True]


# --- one transaction --------------------------------------------------------------------------------------------


def copier(*, failures: Sequence[str] = ()) -> tuple[Handler, list[str]]:
    """Copies each record to the desk, and fails after having written what is in `failures`, once."""
    left = list(failures)

    async def handle(delivery: Delivery) -> Write | None:
        async def write(db: AsyncSession) -> None:
            for record in delivery.records:
                await publish(db, "a/desk", [Draft("copy", f"{record.key} {record.seq}", 0, b"{}")])
                if record.key in left:
                    left.remove(record.key)
                    raise OSError("the machine stops here")

        return write

    return handle, left


async def copies(store: Store) -> list[tuple[int, str]]:
    async with store.read() as db:
        rows = await db.exec(select(Record).where(Record.channel_id == "a/desk").order_by(col(Record.seq)))
        return [(row.seq, row.key) for row in rows]


async def test_cursor_commits_with_what_the_handler_writes_or_neither_does(store: Store) -> None:
    handle, left = copier(failures=["b"])
    await say(store, "a", "b", "c")
    async with running(consumer(store, handle, look_interval=0.02)):
        await until_cursor(store, "a/wall", 3)
    assert left == []
    assert await copies(store) == [(1, "a 1"), (2, "b 2"), (3, "c 3")]


async def test_writes_of_a_process_that_has_lost_its_lease_are_rolled_back(store: Store) -> None:
    """It froze between reading and writing, for longer than a lease; another has handled the records meanwhile."""
    frozen, entered = asyncio.Event(), asyncio.Event()
    handle, _ = copier()

    async def freeze(delivery: Delivery) -> Write | None:
        entered.set()
        await frozen.wait()
        return await handle(delivery)

    later = consumer(store, handle, clock=lambda: now() + 2 * LEASE)
    await say(store, "a")
    async with running(consumer(store, freeze)):
        await entered.wait()
        async with running(later):
            await until_cursor(store, "a/wall", 1)
        frozen.set()
        await asyncio.sleep(0.1)
    assert await copies(store) == [(1, "a 1")]


# --- several processes ------------------------------------------------------------------------------------------


async def test_two_processes_run_a_consumer_in_turns(store: Store) -> None:
    handler = Recorder()
    async with AsyncExitStack() as stack:
        stores = [Store(store.url.render_as_string(hide_password=False)) for _ in range(2)]
        for each in stores:
            stack.push_async_callback(each.close)
        await stack.enter_async_context(running(*(consumer(each, handler, look_interval=0.02) for each in stores)))
        for number in range(20):
            await say(stores[number % 2], str(number))
        await until(handler, *map(str, range(20)))
        await until_cursor(store, "a/wall", 20)
    assert handler.most == 1


async def test_consumer_waits_for_a_lease_that_a_kill_has_left(store: Store) -> None:
    handler = Recorder()
    await say(store, "a")
    async with store.write() as db:
        db.add(ConsumerLease(name="test", leased_until=now() + LEASE))
    async with running(consumer(store, handler, look_interval=0.02)):
        await asyncio.sleep(0.2)
        assert handler.attempts == 0
    async with running(consumer(store, handler, clock=lambda: now() + LEASE + timedelta(seconds=1))):
        await until(handler, "a")


async def test_consumer_that_is_stopped_in_its_handler_keeps_its_place_and_gives_back_its_lease(store: Store) -> None:
    handler = Recorder(gate=asyncio.Event())
    await say(store, "a")
    task = asyncio.create_task(consumer(store, handler).run())
    async with asyncio.timeout(30):
        while not handler.attempts:
            await asyncio.sleep(0.01)
    assert await lease(store) is not None
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert (await cursors(store), await lease(store)) == ({}, None)


async def test_idle_consumer_writes_nothing(store: Store) -> None:
    handler = Recorder()
    await say(store, "a")
    async with running(consumer(store, handler, look_interval=0.01)):
        await until_cursor(store, "a/wall", 1)
        await asyncio.sleep(0.05)
        async with store.write() as db:  # on SQLite nobody else can write now
            await db.exec(update(Channel).where(col(Channel.id) == "a/desk").values(head=0))
            await asyncio.sleep(0.1)
    assert handler.attempts == 1
