"""The fanout of one channel in this process: its position, and its readers.

It sends each frame to all readers that are up to date, and lets late readers catch up from their own position.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import structlog

from aggregator.channel.frames import NO_SUCH_WALL, Frame, close_frame, frame, reset
from aggregator.channel.history import FRAME_RECORDS, FrameHistory, Load
from aggregator.channel.publish import NoChannel
from aggregator.channel.read import MAX_BEHIND, Batch
from aggregator.channel.reader import Reader

COLLECT_WINDOW = 0.05
"""Seconds after a frame during which changes are collected for the next one."""
HEARTBEAT_INTERVAL = 15.0
"""Seconds between heartbeats. A reader that receives nothing for noticeably longer has lost its connection."""
RETRY_PAUSE = 1.0
"""Seconds to wait after a failed read of the store."""

GONE = close_frame(NO_SUCH_WALL, "This wall has been removed.")

log = structlog.get_logger()


class Fanout:
    """Use `hub.fanout(channel)` to get one. `head` is the last record sent, not the last one stored."""

    def __init__(self, load: Load, epoch: str, head: int, *, heartbeat_interval: float = HEARTBEAT_INTERVAL) -> None:
        self._load = load
        self._heartbeat_interval = heartbeat_interval
        self.epoch = epoch
        self.head = head
        self.history = FrameHistory(load)
        self.readers: set[Reader] = set()
        self.followers = 0
        self.ended = False
        self.gone = False
        self.changed = asyncio.Event()
        self._advancing = asyncio.Lock()
        self._advanced = asyncio.Event()
        self._refresh: asyncio.Task[None] | None = None
        self._catching_up: set[asyncio.Task[None]] = set()

    # --- fanning out --------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Read new records and send them, until cancelled or until the channel is gone.

        The first record after a quiet period is sent at once.
        """
        while not self.gone:
            try:
                async with asyncio.timeout(self._heartbeat_interval):
                    await self.changed.wait()
            except TimeoutError:
                self.send_heartbeat()
                continue
            self.changed.clear()
            await asyncio.sleep(await self._step())

    async def _step(self) -> float:
        """Send the next frame, if there is one; returns the seconds to collect changes before the next step."""
        try:
            more = await self.advance()
        except Exception:
            log.exception("channel not read")
            self.changed.set()
            return RETRY_PAUSE
        if more:
            self.changed.set()
        return COLLECT_WINDOW

    async def advance(self) -> bool:
        """Send the next frame, if there is one. True if more records are waiting."""
        async with self._advancing:
            try:
                batch = await self._load(self.head, FRAME_RECORDS)
            except NoChannel:
                self._dismiss()
                return False
            if batch.epoch != self.epoch or batch.head < self.head:
                self._begin_again(batch)
            elif batch.records:
                self._spread(frame(self.epoch, self.head, batch.records[-1].seq, batch.records))
            return self.head < batch.head

    def _spread(self, news: Frame) -> None:
        self.history.keep(news)
        start, end, wire = news.start, news.end, news.wire
        self.head = end
        for reader in self.readers:
            if reader.seq == start and not reader.full:
                reader.write(wire)
                reader.seq = end
            elif not reader.behind:
                reader.behind = True
                if not reader.full:
                    self.catch_up(reader)
        self._wake()

    def send_heartbeat(self) -> None:
        """Tell all readers that are up to date that they have missed nothing."""
        wire = self.heartbeat().wire
        for reader in self.readers:
            if not reader.full and not reader.behind:
                reader.write(wire)

    def heartbeat(self) -> Frame:
        return frame(self.epoch, self.head, self.head)

    def _begin_again(self, batch: Batch) -> None:
        """Reset every reader to a snapshot: the channel has a new epoch, for example from a restored backup."""
        self.epoch, self.head = batch.epoch, batch.head
        self.history.clear()
        word = reset(self.epoch, self.head)
        for reader in self.readers:
            if not reader.full:
                reader.write(word.wire)
            reader.seq, reader.behind = self.head, reader.full
        self._wake()

    def _dismiss(self) -> None:
        """Tell every reader, full ones included, that the channel and its wall are gone, and drop the history."""
        if self.gone:
            return
        self.gone = self.ended = True
        self.history.clear()
        for reader in self.readers:
            reader.write(GONE)
        self._wake()
        self.changed.set()  # so that `run` ends

    def _wake(self) -> None:
        turn, self._advanced = self._advanced, asyncio.Event()
        turn.set()

    # --- readers that receive (push) ----------------------------------------------------------------------------

    async def join(self, reader: Reader, epoch: str, seq: int) -> None:
        """Add a reader at its position. It gets a first frame at once: missed records, a heartbeat, or a reset."""
        greeting = await self._first_frame(epoch, seq)
        reader.catch_up = self.catch_up
        self.readers.add(reader)
        if greeting is not None:
            reader.write(greeting.wire)
            reader.seq, reader.behind = greeting.end, False
        else:
            reader.seq, reader.behind = seq, True
            self.catch_up(reader)
        if self.gone:
            reader.write(GONE)

    async def _first_frame(self, epoch: str, seq: int) -> Frame | None:
        """Return the first frame for a reader at (epoch, seq); None if it has to catch up.

        A reader that has just read the store itself may be ahead of this fanout: refresh before resetting it.
        """
        if epoch == self.epoch and seq > self.head:
            self._refresh = self._refresh or asyncio.create_task(self._refresh_soon())
            await asyncio.shield(self._refresh)
        if epoch != self.epoch or seq > self.head or seq < 0 or self.head - seq > MAX_BEHIND:
            return reset(self.epoch, self.head)
        return self.heartbeat() if seq == self.head else None

    async def _refresh_soon(self) -> None:
        """Refresh once for all readers that join within the window, so that they do not delay the fanout."""
        await asyncio.sleep(COLLECT_WINDOW)
        self._refresh = None  # a later reader may have read records that this refresh does not find
        while await self.advance():
            pass

    def leave(self, reader: Reader) -> None:
        reader.catch_up = None
        self.readers.discard(reader)

    def catch_up(self, reader: Reader) -> None:
        """Let a reader that is behind catch up, without delaying the others."""
        task = asyncio.create_task(self._catch_up(reader))
        self._catching_up.add(task)
        task.add_done_callback(self._catching_up.discard)

    async def _catch_up(self, reader: Reader) -> None:
        while reader in self.readers and not reader.full and not self.gone:
            if reader.seq >= self.head:
                reader.behind = False
                return
            missed = await self._read_until_ended(reader.seq)
            if missed is None or missed.epoch != self.epoch or missed.end == missed.start:
                self.changed.set()
                return
            if reader in self.readers and not reader.full and missed.start == reader.seq:
                reader.write(missed.wire)
                reader.seq = missed.end

    async def _read_until_ended(self, seq: int) -> Frame | None:
        """Return `history.after(seq)`, retrying while the store is unavailable.

        None if the channel is gone, or if this fanout has ended meanwhile.
        """
        while not self.ended:
            try:
                return await self.history.after(seq)
            except NoChannel:
                return None
            except Exception:
                log.exception("missed records not read")
                await asyncio.sleep(RETRY_PAUSE)
        return None

    # --- readers that ask (pull) --------------------------------------------------------------------------------

    async def follow(self, epoch: str, seq: int) -> AsyncGenerator[Frame, None]:
        """Yield the same frames, each when the reader is ready for it, until this fanout ends."""
        self.followers += 1
        try:
            greeting = await self._first_frame(epoch, seq)
            if greeting is not None:
                yield greeting
                epoch, seq = self.epoch, greeting.end
            while (news := await self._next(epoch, seq)) is not None:
                yield news
                epoch, seq = news.epoch, news.end
        finally:
            self.followers -= 1

    async def _next(self, epoch: str, seq: int) -> Frame | None:
        """Return the next frame of a follower; None when this fanout has ended."""
        while not self.ended:
            if epoch != self.epoch:
                return reset(self.epoch, self.head)
            if seq < self.head:
                missed = await self._read_until_ended(seq)
                if missed is None and not self.ended:  # noticed here before `run` has
                    self._dismiss()
                return missed
            try:
                async with asyncio.timeout(self._heartbeat_interval):
                    await self._advanced.wait()
            except TimeoutError:
                return self.heartbeat()
        return None

    def end(self) -> None:
        """Release the followers: the server is about to stop."""
        self.ended = True
        self._wake()
