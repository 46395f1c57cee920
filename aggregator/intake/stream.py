"""One stream, from its opening to its end, again and again: connect, fill, take what comes, fall back, come back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final

import structlog
from sqlmodel import col

from aggregator.intake.admit import AdmitResult
from aggregator.intake.context import PollContext, address_of, call
from aggregator.intake.intervals import back_off, bounded
from aggregator.intake.moments import Moments
from aggregator.intake.poll import sentence
from aggregator.intake.told import Sources, begin, fall_back, store_told
from aggregator.sources.tables import Source
from aggregator.sources.tables import Stream as StreamRow
from aggregator.store.errors import Outage
from aggregator.store.lease import Lease, shielded
from aggregator.store.sql import inserting
from connectors.contract import Connector, Stream, Wanted
from connectors.errors import ConnectorError, Forbidden, RateLimited, Unavailable

OnAdmitted = Callable[[int, AdmitResult], Awaitable[None]]

STABLE: Final = 60.0
"""Seconds after which a stream that ends is opened again as if it had never failed."""
FORBIDDEN_PAUSE: Final = 3600.0
"""Seconds until a server that refuses the stream is asked again."""
TAKEN_PAUSE: Final = 2.0
"""Seconds until a lease that another process holds is tried again."""
ENDED: Final = "Connection closed: the server has ended the stream."

log = structlog.get_logger()


class Listener:
    """The listener of one stream: `run()` until cancelled; `serve()` says which sources it serves from now on.

    `told` counts, by source, the posts that the stream has told since it was opened. `on_admitted` is called after
    each stored page.
    """

    def __init__(
        self, context: PollContext, connector: Connector, key: str, sources: Sources, on_admitted: OnAdmitted
    ) -> None:
        self.key = key
        self.told: Counter[int] = Counter()
        self._context, self._connector, self._on_admitted = context, connector, on_admitted
        self._sources: dict[int, Source] = dict(sources)
        self._changed = asyncio.Event()
        self._serving: dict[int, Source] = {}
        self._why = ""
        self._log = log.bind(network=connector.name, stream=key)

    def serve(self, sources: Sources) -> None:
        """Serve these sources from now on, on the same connection."""
        if _followed(sources) != _followed(self._sources):
            self._sources = dict(sources)
            self._changed.set()

    def is_serving(self, source_id: int) -> bool:
        """Whether the stream is open and serves this source."""
        return source_id in self._serving

    async def run(self) -> None:
        """Listen until cancelled. Then the sources are polled again."""
        failures, seconds = 0, 0.0
        loop = asyncio.get_running_loop()
        try:
            while True:
                begun = loop.time()
                try:
                    failures, seconds = 0, await self._turn()
                except Exception as error:  # noqa: BLE001  a connector may raise anything: it ends this connection alone
                    failures = 1 if loop.time() - begun >= STABLE else failures + 1
                    seconds = self._pause(error, failures)
                    await self._stop_serving(self._reason(error, seconds))
                await self._context.sleep(seconds)
        finally:
            if self._serving:
                await shielded(self._stop_serving(""))

    def _reason(self, error: Exception, seconds: float) -> str:
        if isinstance(error, ConnectorError | Outage):
            self._log.warning("stream failed", error=str(error), again_in=seconds)
            return sentence(error)
        self._log.error("stream failed unexpectedly", exc_info=error)
        return f"Internal error while listening to {self._connector.label}: see the log for details."

    def _pause(self, error: Exception, failures: int) -> float:
        if isinstance(error, RateLimited):
            return bounded(error.wait, 1.0)
        if isinstance(error, Forbidden):
            return FORBIDDEN_PAUSE
        return back_off(failures, 1.0, self._context.random)

    async def _turn(self) -> float:
        """Listen if no other process does; returns the pause. Raises ConnectorError and Outage."""
        async with self._context.store.write() as db:
            await db.exec(inserting(db, StreamRow).values(key=self.key).on_conflict_do_nothing())
        lease = Lease(self._context.store, self._context.clock, StreamRow, col(StreamRow.key) == self.key)
        async with lease.hold() as ours:
            if ours:
                await self._listen()
        return TAKEN_PAUSE

    async def _listen(self) -> None:
        """Open the stream and take what comes, until it fails. Raises ConnectorError and Outage."""
        self.told.clear()
        self._changed.clear()
        first = next(iter(self._sources.values()))
        async with AsyncExitStack() as stack:
            stack.enter_context(self._context.http.trusting(first.server))
            wanted, cursor = self._wanted(), await self._cursor()
            address = next(iter(wanted.values()))
            stream = await call(
                self._connector,
                address,
                lambda connector, _: connector.open_stream(self._context.http, wanted, cursor),
                self._context.timeout,
                stream=self.key,
            )
            stack.push_async_callback(stream.close)
            self._log.info("listening", sources=len(wanted))
            await self._now_serving(wanted)
            await _first_of(self._take(stream), self._follow_changes(stream))

    def _wanted(self) -> Wanted:
        return {id_: address_of(self._context, source) for id_, source in self._sources.items()}

    async def _cursor(self) -> str:
        async with self._context.store.read() as db:
            row = await db.get(StreamRow, self.key)
            return row.cursor if row else ""

    async def _take(self, stream: Stream) -> None:
        """Store what comes, moment by moment. Nothing more is taken while something is stored."""
        moments = Moments(stream.messages())
        try:
            while messages := await moments.take():
                sources = dict(self._serving)
                address = address_of(self._context, next(iter(sources.values())))
                told = await call(
                    self._connector, address, lambda *_, batch=messages: stream.read(batch), self._context.timeout
                )
                for broken in told.broken:
                    self._log.warning("entry not read", error=broken)
                for id_, admitted in (await store_told(self._context, self.key, sources, told)).items():
                    self.told[id_] += len(told.pages[id_].posts) if id_ in told.pages else 0
                    await self._on_admitted(id_, admitted)
        finally:
            await moments.close()
        raise Unavailable(ENDED)

    async def _follow_changes(self, stream: Stream) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            wanted = self._wanted()
            await stream.serve(wanted)
            await self._now_serving(wanted)

    async def _now_serving(self, wanted: Wanted) -> None:
        """Note who is served from now on, which makes new sources due, and who is not any more."""
        before, self._serving = self._serving, {id_: self._sources[id_] for id_ in wanted}
        added = self._serving.keys() - before.keys()
        self._why = ""
        await shielded(begin(self._context, self.key, added))

    async def _stop_serving(self, why: str) -> None:
        """Note that the sources are only polled; written once for each reason. An outage leaves it to the next time."""
        if not self._serving and why == self._why:
            return
        self._serving = {}
        try:
            await fall_back(self._context, self._sources.keys(), why)
        except Outage as outage:
            self._log.warning("state of a stream not stored", error=str(outage))
        else:
            self._why = why


def _followed(sources: Sources) -> dict[int, tuple[object, ...]]:
    """What each of them follows: the other columns change with every poll."""
    return {id_: (each.value, each.server, each.created_at, dict(each.options)) for id_, each in sources.items()}


async def _first_of(*works: Awaitable[None]) -> None:
    """Run them together until the first ends or raises; the others are cancelled."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
