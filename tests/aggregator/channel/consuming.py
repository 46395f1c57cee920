"""What the tests of consumers share: a handler that remembers, channels, and the cursors in the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlmodel import select

from aggregator.channel.consumer import Consumer, Delivery, Write
from aggregator.channel.publish import Draft, open_channel, publish
from aggregator.channel.tables import ConsumerCursor, ConsumerLease
from aggregator.store.store import Store


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
    async with asyncio.timeout(30):
        while handler.keys != list(keys):
            await asyncio.sleep(0.01)


async def cursors(store: Store) -> dict[str, int]:
    async with store.read() as db:
        return {row.channel_id: row.seq for row in await db.exec(select(ConsumerCursor))}


async def until_cursor(store: Store, channel: str, seq: int) -> None:
    async with asyncio.timeout(30):
        while (await cursors(store)).get(channel) != seq:
            await asyncio.sleep(0.01)


async def lease(store: Store) -> Any:
    async with store.read() as db:
        return (await db.get_one(ConsumerLease, "test")).leased_until
