"""A reader of channels inside the process, with a stored cursor: in order, at least once, in one process at a time.

The records of a channel come as a reader of the live protocol gets them: the latest state of each thing, by rising
`seq`. A channel with another epoch (a restored backup) is begun again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import structlog
from sqlalchemy import ColumnElement, insert, literal, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import and_, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator import timestamps
from aggregator.channel.ids import channel_order
from aggregator.channel.publish import NoChannel
from aggregator.channel.read import since
from aggregator.channel.tables import Channel, ConsumerCursor, ConsumerLease, Record
from aggregator.store.errors import Outage
from aggregator.store.lease import Lease, is_free, shielded
from aggregator.store.sql import inserting
from aggregator.store.store import Store

LOOK_INTERVAL = 1.0
"""Seconds between two looks at the store: other processes publish, too."""
HANDLER_TIMEOUT = 60.0
"""Seconds that a handler may take over one batch."""
BACK_OFF = (1.0, 5.0, 30.0, 120.0)
"""Seconds after the first, second, … failure of a channel's handler in a row; the last is repeated forever."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivery:
    """Some records of a channel, in order, tombstones included.

    After a kill the delivery is repeated, perhaps with newer records: a handler that acts outside the store recognises
    a record by (channel, epoch, seq). `is_reset` means that the channel has begun another epoch: forget what is known
    of it. All of its records follow, or with `from_head` the next ones.
    """

    channel: str
    epoch: str
    records: tuple[Record, ...]
    is_reset: bool = False


Write = Callable[[AsyncSession], Awaitable[None]]
"""The writes of a handler, committed together with the cursor, or neither is."""
Handler = Callable[[Delivery], Awaitable[Write | None]]
"""Handles one delivery outside any transaction, and returns the writes that belong to it, if any.

An exception is retried until the handler succeeds, and the channel's next records wait: to give up on a record, return.
"""


class Position(NamedTuple):
    """The cursor on a channel; `epoch` is empty where there is none yet."""

    channel: str
    epoch: str
    seq: int


class CursorMoved(Exception):
    """Another process has handled these records meanwhile, or their channel is gone: nothing of this is committed."""


class Consumer:
    """Hands each channel of an audience (`wall` or `desk`) to `handler`, batch by batch. `run()` until cancelled.

    A consumer that is new on a database begins each channel with its first record, or `from_head` with the next one.
    Channels that are opened later are always read from their first record. For `gather` seconds after a batch records
    collect for the next.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        handler: Handler,
        *,
        audience: str,
        from_head: bool = False,
        limit: int = 200,
        gather: float = 0.0,
        handler_timeout: float = HANDLER_TIMEOUT,
        look_interval: float = LOOK_INTERVAL,
        back_off: Sequence[float] = BACK_OFF,
        clock: Callable[[], datetime] = timestamps.now,
    ) -> None:
        self.name = name
        self._store = store
        self._handler = handler
        self._suffix = f"/{audience}"
        self._from_head = from_head
        self._limit = limit
        self._gather = gather
        self._handler_timeout = handler_timeout
        self._look_interval = look_interval
        self._back_off = back_off
        self._clock = clock
        self._failures: dict[str, tuple[int, float]] = {}  # by channel: how many in a row, and when to try again
        self._woken = asyncio.Event()
        store.listen(self._hear)

    async def run(self) -> None:
        """Work until cancelled: a handler is dropped then, and a transaction under way comes to its end."""
        while True:
            self._woken.clear()
            if await self._work():
                await asyncio.sleep(self._gather)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._look_interval):
                    await self._woken.wait()

    def _hear(self, channels: Collection[str]) -> None:
        if any(channel.endswith(self._suffix) for channel in channels):
            self._woken.set()

    async def _work(self) -> bool:
        """Deliver all that is waiting. False if there is nothing, or another process is at it."""
        try:
            if not await self._is_needed():
                return False
            async with Lease(self._store, self._clock, ConsumerLease, self._row).hold() as ours:
                while ours and await self._round():
                    pass
        except Outage as outage:
            log.warning("consumer waits", consumer=self.name, reason=str(outage))
            return False
        except Exception:
            log.exception("consumer waits", consumer=self.name)
            return False
        else:
            return ours

    async def _is_needed(self) -> bool:
        """Whether records are waiting, and nobody holds the lease; only a new consumer writes to find out."""
        async with self._store.read() as db:
            known = (await db.exec(select(ConsumerLease.name).where(self._row))).first()
            waiting = known and await self._waiting(db)
            free = waiting and (
                await db.exec(select(literal(1)).where(self._row, is_free(ConsumerLease, self._clock())))
            )
            if known is not None:
                return bool(free and free.first())
        await shielded(self._register())
        return True

    async def _register(self) -> None:
        """Note that this consumer exists, and where it begins on the channels that there are.

        A cursor refers to its channel, which locks it: channels are taken in the order of every writer.
        """
        async with self._store.write() as db:
            row = inserting(db, ConsumerLease).values(name=self.name).on_conflict_do_nothing()
            if (await db.exec(row)).rowcount == 1 and self._from_head:
                here = select(literal(self.name), Channel.id, Channel.epoch, Channel.head)
                for channel in sorted(await db.exec(select(Channel.id).where(self._is_ours)), key=channel_order):
                    one = here.where(col(Channel.id) == channel)
                    await db.exec(insert(ConsumerCursor).from_select(["name", "channel_id", "epoch", "seq"], one))

    async def _round(self) -> bool:
        """One batch of each channel that has records waiting, side by side. True if there are more."""
        async with self._store.read() as db:
            positions = await self._waiting(db)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._attempt(each), name=f"{self.name} {each.channel}") for each in positions]
        return any(task.result() for task in tasks)

    async def _waiting(self, db: AsyncSession) -> list[Position]:
        """The cursors of the channels that have moved on since, without those that wait for another try."""
        cursor = and_(col(ConsumerCursor.channel_id) == col(Channel.id), col(ConsumerCursor.name) == self.name)
        behind = or_(
            col(ConsumerCursor.epoch).is_(None),
            col(ConsumerCursor.epoch) != col(Channel.epoch),
            col(ConsumerCursor.seq) != col(Channel.head),
        )
        query = select(Channel.id, ConsumerCursor.epoch, ConsumerCursor.seq).outerjoin(ConsumerCursor, cursor)
        found = await db.exec(query.where(self._is_ours, behind).order_by(Channel.id))
        at = asyncio.get_running_loop().time()
        return [
            Position(channel, epoch or "", seq or 0)
            for channel, epoch, seq in found
            if self._failures.get(channel, (0, 0.0))[1] <= at
        ]

    async def _attempt(self, position: Position) -> bool:
        """One batch, and whether more are waiting. A failure is retried later and holds up no other channel."""
        try:
            more = await self._deliver(position)
        except CursorMoved:
            return False
        except Outage as outage:  # the handler's work is not at fault, so its back-off does not grow
            self._failures[position.channel] = 0, asyncio.get_running_loop().time() + self._back_off[0]
            log.warning("consumer waits", consumer=self.name, channel=position.channel, reason=str(outage))
            return False
        except Exception:
            failures = self._failures.get(position.channel, (0, 0.0))[0] + 1
            pause = self._back_off[min(failures, len(self._back_off)) - 1]
            self._failures[position.channel] = failures, asyncio.get_running_loop().time() + pause
            about = {"consumer": self.name, "channel": position.channel, "seq": position.seq}
            log.exception("consumer failed", again_in=pause, **about)
            return False
        self._failures.pop(position.channel, None)
        return more

    async def _deliver(self, position: Position) -> bool:
        try:
            delivery, end, more = await self._read(position)
        except NoChannel:
            return False
        write = None
        if delivery.records or delivery.is_reset:
            async with asyncio.timeout(self._handler_timeout):
                write = await self._handler(delivery)
        await shielded(self._advance(position, Position(position.channel, delivery.epoch, end), write))
        return more

    async def _read(self, position: Position) -> tuple[Delivery, int, bool]:
        """What comes next, the `seq` at its end, and whether more follows. Raises NoChannel."""
        async with self._store.read() as db:
            batch = await since(db, position.channel, position.seq, self._limit)
            is_reset = bool(position.epoch) and (batch.epoch != position.epoch or position.seq > batch.head)
            if is_reset and self._from_head:
                return Delivery(position.channel, batch.epoch, (), is_reset=True), batch.head, False
            if is_reset:
                batch = await since(db, position.channel, 0, self._limit)
        end = batch.records[-1].seq if batch.records else batch.head
        return Delivery(position.channel, batch.epoch, batch.records, is_reset), end, end < batch.head

    async def _advance(self, old: Position, new: Position, write: Write | None) -> None:
        """Commit what the handler writes together with the cursor. Raises CursorMoved.

        The cursor is locked last, as by the removal of a wall, so that neither waits for the other in a ring.
        """
        async with self._store.write() as db:
            if write is not None:
                await write(db)
            if old.epoch:
                here = and_(ConsumerCursor.name == self.name, ConsumerCursor.channel_id == old.channel)
                unmoved = and_(ConsumerCursor.epoch == old.epoch, ConsumerCursor.seq == old.seq)
                moved = await db.exec(update(ConsumerCursor).where(here, unmoved).values(epoch=new.epoch, seq=new.seq))
            else:
                row = ConsumerCursor(name=self.name, channel_id=new.channel, epoch=new.epoch, seq=new.seq)
                begin = inserting(db, ConsumerCursor).values(row.model_dump()).on_conflict_do_nothing()
                try:
                    moved = await db.exec(begin)
                except IntegrityError:  # the channel has been closed meanwhile
                    raise CursorMoved from None
            if moved.rowcount != 1:
                raise CursorMoved

    @property
    def _row(self) -> ColumnElement[bool]:
        return col(ConsumerLease.name) == self.name

    @property
    def _is_ours(self) -> ColumnElement[bool]:
        return col(Channel.id).endswith(self._suffix)
