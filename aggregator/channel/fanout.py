"""One channel's traffic in this process: where it stands, and the readers that it feeds.

It spreads frames and lets late readers catch up from their own place. It knows no socket, no framework and no database.
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
"""What follows a frame within this many seconds shares the next one."""
HEARTBEAT_INTERVAL = 15.0
"""A reader that hears nothing for longer than this, and a little more, knows that its line is dead."""
RETRY_PAUSE = 1.0
"""Seconds to wait after the store could not be read."""

GONE = close_frame(NO_SUCH_WALL, "This wall is no longer there.")

log = structlog.get_logger()


class Fanout:
    """Use `hub.fanout(channel)` to get one. `head` is what has been spread, not what the store holds."""

    def __init__(self, load: Load, epoch: str, head: int, *, heartbeat_interval: float = HEARTBEAT_INTERVAL) -> None:
        self._load = load
        self._beat_every = heartbeat_interval
        self.epoch = epoch
        self.head = head
        self.history = FrameHistory(load)
        self.readers: set[Reader] = set()
        self.followers = 0
        self.ended = False
        self.gone = False
        self.moved = asyncio.Event()
        self._advancing = asyncio.Lock()
        self._turn = asyncio.Event()
        self._look: asyncio.Task[None] | None = None
        self._helping: set[asyncio.Task[None]] = set()

    # --- spreading ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Read what is new and spread it, until cancelled or until the channel is gone.

        The first record after a quiet moment goes at once.
        """
        while not self.gone:
            try:
                async with asyncio.timeout(self._beat_every):
                    await self.moved.wait()
            except TimeoutError:
                self.send_heartbeat()
                continue
            self.moved.clear()
            await asyncio.sleep(await self._step())

    async def _step(self) -> float:
        """One frame, if there is one; returns how long to collect what follows."""
        try:
            more = await self.advance()
        except Exception:
            log.exception("a channel could not be read")
            self.moved.set()
            return RETRY_PAUSE
        if more:
            self.moved.set()
        return COLLECT_WINDOW

    async def advance(self) -> bool:
        """Spread the next frame, if there is one. True if more is waiting already."""
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
        """Tell everybody who is up to date that nothing was missed."""
        wire = self.heartbeat().wire
        for reader in self.readers:
            if not reader.full and not reader.behind:
                reader.write(wire)

    def heartbeat(self) -> Frame:
        return frame(self.epoch, self.head, self.head)

    def _begin_again(self, batch: Batch) -> None:
        """The channel is another one now (a restored backup, say): every reader starts from the snapshot."""
        self.epoch, self.head = batch.epoch, batch.head
        self.history.clear()
        word = reset(self.epoch, self.head)
        for reader in self.readers:
            if not reader.full:
                reader.write(word.wire)
            reader.seq, reader.behind = self.head, reader.full
        self._wake()

    def _dismiss(self) -> None:
        """The channel is gone, and its wall with it: say so once, to those who are full too, and keep nothing of it."""
        if self.gone:
            return
        self.gone = self.ended = True
        self.history.clear()
        for reader in self.readers:
            reader.write(GONE)
        self._wake()
        self.moved.set()  # `run` has nothing left to wait for

    def _wake(self) -> None:
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

    # --- readers that are written to ----------------------------------------------------------------------------

    async def join(self, reader: Reader, epoch: str, seq: int) -> None:
        """Feed a reader from its place on. Its first frame comes at once: what it missed, a heartbeat, or a reset."""
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
        """The first frame for a reader at (epoch, seq); None if it has to catch up.

        A reader may be ahead of this line, having read the store itself a moment ago: look before calling it lost.
        """
        if epoch == self.epoch and seq > self.head:
            self._look = self._look or asyncio.create_task(self._look_soon())
            await asyncio.shield(self._look)
        if epoch != self.epoch or seq > self.head or seq < 0 or self.head - seq > MAX_BEHIND:
            return reset(self.epoch, self.head)
        return self.heartbeat() if seq == self.head else None

    async def _look_soon(self) -> None:
        """One look for all who come within the window: each for itself, they would keep the line from spreading."""
        await asyncio.sleep(COLLECT_WINDOW)
        self._look = None  # whoever comes from here on may have read what this look does not find
        while await self.advance():
            pass

    def leave(self, reader: Reader) -> None:
        reader.catch_up = None
        self.readers.discard(reader)

    def catch_up(self, reader: Reader) -> None:
        """Let a reader that is behind catch up, beside all others."""
        task = asyncio.create_task(self._catch_up(reader))
        self._helping.add(task)
        task.add_done_callback(self._helping.discard)

    async def _catch_up(self, reader: Reader) -> None:
        while reader in self.readers and not reader.full and not self.gone:
            if reader.seq >= self.head:
                reader.behind = False
                return
            missed = await self._read_for_sure(reader.seq)
            if missed is None or missed.epoch != self.epoch or missed.end == missed.start:
                self.moved.set()
                return
            if reader in self.readers and not reader.full and missed.start == reader.seq:
                reader.write(missed.wire)
                reader.seq = missed.end

    async def _read_for_sure(self, seq: int) -> Frame | None:
        """As `recent.after`, however long the store is away: nobody else will help a reader that is being helped.

        None if there is no such channel any more, or the line has ended meanwhile.
        """
        while not self.ended:
            try:
                return await self.history.after(seq)
            except NoChannel:
                return None
            except Exception:
                log.exception("what a reader has missed could not be read")
                await asyncio.sleep(RETRY_PAUSE)
        return None

    # --- readers that take --------------------------------------------------------------------------------------

    async def follow(self, epoch: str, seq: int) -> AsyncGenerator[Frame, None]:
        """The same frames, one at a time, for a reader that takes each when it is ready for it, until the line ends."""
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
        """What a follower gets next; None when the line has ended."""
        while not self.ended:
            if epoch != self.epoch:
                return reset(self.epoch, self.head)
            if seq < self.head:
                missed = await self._read_for_sure(seq)
                if missed is None and not self.ended:  # seen here before `run` has come to look
                    self._dismiss()
                return missed
            try:
                async with asyncio.timeout(self._beat_every):
                    await self._turn.wait()
            except TimeoutError:
                return self.heartbeat()
        return None

    def end(self) -> None:
        """Let the followers go: the server is about to stop."""
        self.ended = True
        self._wake()
