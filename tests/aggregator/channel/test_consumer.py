"""A consumer over a real store: in order, at least once, in one process at a time, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from structlog.testing import capture_logs

from aggregator.channel.consumer import Consumer, Delivery, Handler, Write
from aggregator.channel.publish import Draft, NoChannel, close_channel, open_channel, publish, renew_channels
from aggregator.channel.tables import Channel, ConsumerCursor, ConsumerLease, Record
from aggregator.store.errors import Outage
from aggregator.store.lease import LEASE
from aggregator.store.store import Store
from aggregator.timestamps import now


class Recorder:
    """A handler that remembers what it was given, and fails as often as it is told to."""

    def __init__(self, *, failures: int = 0, gate: asyncio.Event | None = None) -> None:
        self.given: list[Delivery] = []
        self.attempts = 0
        self.failures = failures
        self.gate = gate
        self.under_way = self.most = 0

    async def __call__(self, delivery: Delivery) -> Write | None:
        self.attempts += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            if self.gate is not None:
                await self.gate.wait()
        finally:
            self.under_way -= 1
        if self.failures:
            self.failures -= 1
            raise OSError("no answer")
        self.given.append(delivery)
        return None

    @property
    def keys(self) -> list[str]:
        return [record.key for delivery in self.given for record in delivery.records]

    @property
    def seqs(self) -> list[int]:
        return [record.seq for delivery in self.given for record in delivery.records]


@pytest.fixture
async def store(store: Store) -> Store:
    await open_channels(store, "a/wall", "a/desk")
    return store


async def open_channels(store: Store, *channels: str) -> None:
    async with store.write() as db:
        for channel in channels:
            await open_channel(db, channel)


async def say(store: Store, *keys: str, channel: str = "a/wall", body: bytes | None = b"{}") -> None:
    async with store.write() as db:
        await publish(db, channel, [Draft("post", key, 0, body) for key in keys])


def consumer(store: Store, handler: Any, **options: Any) -> Consumer:
    return Consumer(store, "test", handler, **{"audience": "wall", "back_off": (0.01,)} | options)


@asynccontextmanager
async def running(*consumers: Consumer) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each.run()) for each in consumers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=10)
        assert all(task.cancelled() for task in tasks)


async def until(handler: Recorder, *keys: str) -> None:
    async with asyncio.timeout(10):
        while handler.keys != list(keys):
            await asyncio.sleep(0.01)


async def cursors(store: Store) -> dict[str, int]:
    async with store.read() as db:
        return {row.channel_id: row.seq for row in await db.exec(select(ConsumerCursor))}


async def until_cursor(store: Store, channel: str, seq: int) -> None:
    async with asyncio.timeout(10):
        while (await cursors(store)).get(channel) != seq:
            await asyncio.sleep(0.01)


async def lease(store: Store) -> Any:
    async with store.read() as db:
        return (await db.get_one(ConsumerLease, "test")).leased_until


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
        async with asyncio.timeout(2):
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
        async with asyncio.timeout(10):
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


# --- failures ---------------------------------------------------------------------------------------------------


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
            async with asyncio.timeout(10):
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
            await asyncio.sleep(0.3)
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
    async with asyncio.timeout(10):
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
