"""The recent frames of a channel in this process; older ones are read from the store.

A late reader finds its next frame here, or shares one read of the store with all readers at the same position.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from aggregator.channel.frames import Frame, frame
from aggregator.channel.read import Batch

Load = Callable[[int, int], Awaitable[Batch]]
"""Read the channel: (seq, limit) → the records above seq."""

FRAME_RECORDS = 100
RING_FRAMES = 512
RING_BYTES = 4 * 1024 * 1024
"""Bytes of JSON that a history keeps. Memory also holds each frame for WebSockets, and perhaps as an event."""


class FrameHistory:
    """The newest frames by the `seq` at which they begin, within RING_FRAMES and RING_BYTES."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._ring: OrderedDict[int, Frame] = OrderedDict()
        self._size = 0
        self._loading: dict[int, asyncio.Task[Frame]] = {}

    def __len__(self) -> int:
        return len(self._ring)

    def leads(self, seq: int, head: int) -> bool:
        """Whether all records from `seq` to `head` are in memory, so that no query is needed."""
        while seq < head and (stored := self._ring.get(seq)) is not None:
            seq = stored.end
        return seq >= head

    def keep(self, news: Frame) -> None:
        """Keep the frame for late readers, and drop frames with records that it removes."""
        if news.gone:
            for start in [start for start, stored in self._ring.items() if stored.keys & news.gone]:
                self._size -= len(self._ring.pop(start).json)
        self._ring[news.start] = news
        self._size += len(news.json)
        while len(self._ring) > RING_FRAMES or self._size > RING_BYTES:
            self._size -= len(self._ring.popitem(last=False)[1].json)

    def clear(self) -> None:
        self._ring.clear()
        self._size = 0

    async def after(self, seq: int) -> Frame:
        """Return the frame that begins at `seq`: from memory, or read once for all concurrent callers."""
        stored = self._ring.get(seq)
        if stored is not None:
            return stored
        task = self._loading.get(seq)
        if task is None:
            task = self._loading[seq] = asyncio.create_task(self._read(seq))
            task.add_done_callback(lambda _: self._loading.pop(seq, None))
        return await asyncio.shield(task)

    async def _read(self, seq: int) -> Frame:
        batch = await self._load(seq, FRAME_RECORDS)
        end = batch.records[-1].seq if batch.records else seq
        return frame(batch.epoch, seq, end, batch.records)
