"""All the lines of this process, and the two ways in which they learn that their channel has moved.

A commit in this process says so at once. Whatever another process writes is found by looking at the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

import structlog
from sqlmodel import col, select

from aggregator.channel.fanout import Fanout
from aggregator.channel.publish import NoChannel
from aggregator.channel.read import Batch, position, since
from aggregator.channel.tables import Channel
from aggregator.store.store import Store

LOOK_INTERVAL = 1.0
"""Seconds between two looks at the store: the promise is to notice another process's writing within two."""

log = structlog.get_logger()


class Hub:
    """`line(channel)` is a channel's traffic, running for as long as the hub does."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lines: dict[str, Fanout] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._opening = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return self._watch is not None and not self._watch.done()

    @property
    def readers(self) -> int:
        return sum(len(line.readers) + line.followers for line in self._lines.values())

    def start(self) -> None:
        self._store.listen(self.moved)
        self._watch = asyncio.create_task(self._keep_looking())

    def release(self) -> None:
        """End every follower's stream, so that a server which waits for its responses can stop."""
        for line in self._lines.values():
            line.end()

    async def stop(self) -> None:
        tasks = [*self._tasks.values(), *([self._watch] if self._watch else [])]
        self._tasks.clear()
        self._lines.clear()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def fanout(self, channel_id: str) -> Fanout:
        """Raises NoChannel. Whoever wants a line that is there does not wait for those who ask for another."""
        if self._has(channel_id):
            return self._lines[channel_id]
        async with self._opening:
            if not self._has(channel_id):
                async with self._store.read() as db:
                    epoch, head = await position(db, channel_id)
                line = self._lines[channel_id] = Fanout(partial(self._load, channel_id), epoch, head)
                task = self._tasks[channel_id] = asyncio.create_task(line.run())
                task.add_done_callback(partial(self._forget, channel_id))
            return self._lines[channel_id]

    def _has(self, channel_id: str) -> bool:
        return channel_id in self._lines and not self._lines[channel_id].gone

    def _forget(self, channel_id: str, task: asyncio.Task[None]) -> None:
        """A line that has come to its end, because its channel is gone: one of the same name would be another."""
        if self._tasks.get(channel_id) is task:
            del self._tasks[channel_id], self._lines[channel_id]

    def moved(self, channels: Iterable[str]) -> None:
        for channel_id in channels:
            if line := self._lines.get(channel_id):
                line.moved.set()

    async def _load(self, channel_id: str, seq: int, limit: int) -> Batch:
        async with self._store.read() as db:
            return await since(db, channel_id, seq, limit)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_INTERVAL)
            if not self._lines:
                continue
            try:
                await self.look()
            except Exception:
                log.exception("the store could not be read")

    async def look(self) -> None:
        """Ask the store where every line's channel stands."""
        query = select(Channel.id, Channel.epoch, Channel.head).where(col(Channel.id).in_(list(self._lines)))
        async with self._store.read() as db:
            places = {channel: (epoch, head) for channel, epoch, head in await db.exec(query)}
        self.moved(channel for channel, line in self._lines.items() if places.get(channel) != (line.epoch, line.head))


__all__ = ["Hub", "NoChannel"]
