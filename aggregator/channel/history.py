"""A channel's recent frames in this process, and the way to what came before them.

Whoever is late finds its next frame here, or has it read once together with all who ask for it. It knows no readers.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from aggregator.channel.frames import Frame, frame
from aggregator.channel.read import Batch

Load = Callable[[int, int], Awaitable[Batch]]
"""Reads the channel: (seq, limit) → the records above seq."""

FRAME_RECORDS = 100
RING_FRAMES = 512
RING_BYTES = 4 * 1024 * 1024
"""What a channel's frames may have as JSON. Memory holds each as a WebSocket frame too, and perhaps as an event."""


class FrameHistory:
    """Frames by the `seq` at which they begin, the newest of them, as far as there is room."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._ring: OrderedDict[int, Frame] = OrderedDict()
        self._size = 0
        self._loading: dict[int, asyncio.Task[Frame]] = {}

    def __len__(self) -> int:
        return len(self._ring)

    def leads(self, seq: int, head: int) -> bool:
        """Whether all that follows `seq` up to `head` is at hand, so that it costs no question to the store."""
        while seq < head and (kept := self._ring.get(seq)) is not None:
            seq = kept.end
        return seq >= head

    def keep(self, news: Frame) -> None:
        """Keep the frame for readers who are late, and forget frames whose content it takes away."""
        if news.gone:
            for start in [start for start, kept in self._ring.items() if kept.keys & news.gone]:
                self._size -= len(self._ring.pop(start).json)
        self._ring[news.start] = news
        self._size += len(news.json)
        while len(self._ring) > RING_FRAMES or self._size > RING_BYTES:
            self._size -= len(self._ring.popitem(last=False)[1].json)

    def clear(self) -> None:
        self._ring.clear()
        self._size = 0

    async def after(self, seq: int) -> Frame:
        """The frame that begins at `seq`: from the ring, or read once for all who ask at the same time."""
        kept = self._ring.get(seq)
        if kept is not None:
            return kept
        task = self._loading.get(seq)
        if task is None:
            task = self._loading[seq] = asyncio.create_task(self._read(seq))
            task.add_done_callback(lambda _: self._loading.pop(seq, None))
        return await asyncio.shield(task)

    async def _read(self, seq: int) -> Frame:
        batch = await self._load(seq, FRAME_RECORDS)
        end = batch.records[-1].seq if batch.records else seq
        return frame(batch.epoch, seq, end, batch.records)
