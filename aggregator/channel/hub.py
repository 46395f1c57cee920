"""All fanouts of this process, and the two ways in which they learn that their channel has changed.

A commit in this process notifies them at once. Changes by another process are found by polling the store.
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

REFRESH_INTERVAL = 1.0
"""Seconds between two refreshes from the store: changes by another process must show within two seconds."""

log = structlog.get_logger()


class Hub:
    """`fanout(channel)` returns a channel's fanout, which runs as long as the hub does."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._fanouts: dict[str, Fanout] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._opening = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return self._watch is not None and not self._watch.done()

    @property
    def readers(self) -> int:
        return sum(self.readers_by_channel.values())

    @property
    def readers_by_channel(self) -> dict[str, int]:
        """The number of readers of each channel that has any."""
        counts = ((id_, len(fanout.readers) + fanout.followers) for id_, fanout in self._fanouts.items())
        return {id_: count for id_, count in sorted(counts) if count}

    def start(self) -> None:
        self._store.listen(self.notify)
        self._watch = asyncio.create_task(self._keep_refreshing())

    def release(self) -> None:
        """End every follower's stream, so that a server that waits for its responses can stop."""
        for fanout in self._fanouts.values():
            fanout.end()

    async def stop(self) -> None:
        tasks = [*self._tasks.values(), *([self._watch] if self._watch else [])]
        self._tasks.clear()
        self._fanouts.clear()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def fanout(self, channel_id: str) -> Fanout:
        """Return the channel's fanout, started if necessary; a running one is returned at once. Raises NoChannel."""
        if self._has(channel_id):
            return self._fanouts[channel_id]
        async with self._opening:
            if not self._has(channel_id):
                async with self._store.read() as db:
                    epoch, head = await position(db, channel_id)
                fanout = self._fanouts[channel_id] = Fanout(partial(self._load, channel_id), epoch, head)
                task = self._tasks[channel_id] = asyncio.create_task(fanout.run())
                task.add_done_callback(partial(self._forget, channel_id))
            return self._fanouts[channel_id]

    def _has(self, channel_id: str) -> bool:
        return channel_id in self._fanouts and not self._fanouts[channel_id].gone

    def _forget(self, channel_id: str, task: asyncio.Task[None]) -> None:
        """Drop a fanout that has ended: a new channel of the same name needs a new one."""
        if self._tasks.get(channel_id) is task:
            del self._tasks[channel_id], self._fanouts[channel_id]

    def notify(self, channels: Iterable[str]) -> None:
        for channel_id in channels:
            if fanout := self._fanouts.get(channel_id):
                fanout.changed.set()

    async def _load(self, channel_id: str, seq: int, limit: int) -> Batch:
        async with self._store.read() as db:
            return await since(db, channel_id, seq, limit)

    async def _keep_refreshing(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_INTERVAL)
            if not self._fanouts:
                continue
            try:
                await self.refresh()
            except Exception:
                log.exception("store not read")

    async def refresh(self) -> None:
        """Read the position of every running channel, and notify the fanouts that are behind."""
        query = select(Channel.id, Channel.epoch, Channel.head).where(col(Channel.id).in_(list(self._fanouts)))
        async with self._store.read() as db:
            positions = {channel: (epoch, head) for channel, epoch, head in await db.exec(query)}
        running = self._fanouts.items()
        self.notify(channel for channel, fanout in running if positions.get(channel) != (fanout.epoch, fanout.head))


__all__ = ["Hub", "NoChannel"]
