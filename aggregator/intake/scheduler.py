"""The scheduler of polls: all sources that are due, concurrently within limits, never one source twice at once.

A server that does not respond occupies a few slots at most, however many sources it has. Another process may poll the
same sources: the poll's transaction compares the cursor, so that no page is stored twice.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, NamedTuple

import structlog
from sqlalchemy import exists, or_
from sqlalchemy import select as columns
from sqlmodel import col

from aggregator.intake.admit import AdmitResult
from aggregator.intake.authors import Authors
from aggregator.intake.clock_skew import ClockSkew
from aggregator.intake.context import PollContext
from aggregator.intake.disputes import Disputes
from aggregator.intake.lease import is_free, leased
from aggregator.intake.poll import MAX_PAGES, PollResult, poll_source, to_last_page
from aggregator.intake.recheck import recheck_after_poll, recheck_leased, recheck_stopped
from aggregator.intake.recheck_schedule import Host, RecheckSchedule
from aggregator.intake.streams import Streams
from aggregator.sources.credentials import Vault
from aggregator.sources.tables import Sighting, Source
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from aggregator.timestamps import now
from connectors.contract import Connector
from connectors.contract.origin import host_of_key
from connectors.http.client import Http

REFRESH_INTERVAL = 1.0
"""Seconds between two reads of the sources, which another process may have added or changed."""
FAULT_PAUSE = 5.0
"""Seconds to wait after an unexpected error, such as an unavailable database."""

log = structlog.get_logger()


class Due(NamedTuple):
    """A source, when it is due, whether it has ended or is paused (its posts are rechecked), and the host it polls."""

    source_id: int
    at: datetime
    stopped: bool
    host: Host


def host_of(network: str, server: str, value: str) -> Host:
    return network, host_of_key(server or value)


def _nothing() -> None:
    """Do nothing: there is no picture worker."""


class Intake:
    """The intake of all walls' sources: `run()` polls and listens until cancelled, `poll_due()` polls one round."""

    def __init__(
        self,
        store: Store,
        connectors: Mapping[str, Connector],
        http: Http,
        *,
        vault: Vault | None = None,
        clock: Callable[[], datetime] = now,
        random: Random | None = None,
        concurrency: int = 8,
        timeout: float = 60.0,
        on_pictures: Callable[[], None] = _nothing,
    ) -> None:
        self._context = PollContext(
            store=store,
            connectors=connectors,
            http=http,
            vault=vault or Vault(),
            clock=clock,
            random=random or Random(),  # noqa: S311  it spreads polls in time and guards nothing
            timeout=timeout,
        )
        self._clock_skew = ClockSkew(self._context)
        self._concurrency = concurrency
        self._of_one_host = max(1, concurrency // 4)
        self._on_pictures = on_pictures
        self._running: dict[int, asyncio.Task[None]] = {}
        self._asked: Counter[Host] = Counter()
        self._pages = Counter[int]()
        self._recheck_schedule = RecheckSchedule()
        self._authors = Authors(self._context)
        self._disputes = Disputes(self._context, on_pictures)
        self._streams = Streams(self._context, self._follow_up)
        self._slot_freed = asyncio.Event()

    async def run(self) -> None:
        """Poll and listen until cancelled; then drop pending requests, but let running transactions finish."""
        listening = asyncio.create_task(self._streams.run(), name="streams")
        try:
            while True:
                await self._wait(await self._start_due())
        finally:
            for task in (listening, *self._running.values()):
                task.cancel()
            await asyncio.gather(listening, *self._running.values(), return_exceptions=True)
            await self._disputes.stop()

    async def poll_due(self) -> dict[int, PollResult | None]:
        """Poll each source that is due now to its last page, then recheck its older posts.

        Returns the result of each source by id; those that have ended or are paused are rechecked and left out.
        """
        slots = asyncio.Semaphore(self._concurrency)
        slots_of = defaultdict[Host, asyncio.Semaphore](lambda: asyncio.Semaphore(self._of_one_host))

        async def in_turn(source: Due) -> PollResult | None:
            async with slots_of[source.host], slots:
                if not source.stopped:
                    return await self._poll_and_recheck(source.source_id)
                with suppress(Outage):  # the polled sources report it; this one is rechecked the next time
                    await self._recheck_stopped(source)
                return None

        await self._clock_skew.check()
        due = await self._upcoming(self._context.clock())
        results = zip(due, await asyncio.gather(*map(in_turn, due)), strict=True)
        await self._disputes.finished()
        return {source.source_id: polled for source, polled in results if not source.stopped}

    async def poll_now(self, source_id: int) -> PollResult | None:
        """Poll one source, due or not, as `poll_due` does. None if it is stopped, or being polled elsewhere."""
        polled = await self._poll_and_recheck(source_id, due=False)
        await self._disputes.finished()
        return polled

    async def _poll_and_recheck(self, source_id: int, *, due: bool = True) -> PollResult | None:
        try:
            polled = await to_last_page(partial(self._poll, source_id, due=due))
        except Outage as outage:
            return PollResult(trouble=str(outage))
        later = await recheck_after_poll(self._context, source_id, polled)
        await self._follow_up(source_id, later.admitted)
        return polled and polled.then(later)

    async def _start_due(self) -> float:
        """Start the due sources for which there are slots; returns the seconds until the next refresh."""
        self._slot_freed.clear()
        moment = self._context.clock()
        try:
            await self._clock_skew.check()
            upcoming = await self._upcoming(moment + timedelta(seconds=REFRESH_INTERVAL))
        except Exception:
            log.exception("sources not read")
            return REFRESH_INTERVAL
        for source in upcoming:
            if len(self._running) >= self._concurrency:
                break
            if source.at > moment:
                return (source.at - moment).total_seconds()
            if self._asked[source.host] < self._of_one_host:
                self._start(source)
        return REFRESH_INTERVAL

    async def _upcoming(self, until: datetime) -> list[Due]:
        """Return the sources that are due by then and not being polled, the longest due first.

        Those that have ended or are paused are included if posts that they brought are still stored.
        """
        stopped = or_(col(Source.ended_at).is_not(None), col(Source.paused_at).is_not(None))
        brought = exists().where(col(Sighting.source_id) == col(Source.id))
        names = map(col, (Source.network, Source.server, Source.value))
        query: Any = (  # more columns than sqlmodel has overloads for
            columns(col(Source.id), col(Source.next_poll_at), stopped, *names)
            .where(col(Source.id).not_in(self._running), col(Source.next_poll_at) <= until, ~stopped | brought)
            .where(is_free(self._context.clock()))
            .order_by(col(Source.next_poll_at))
        )
        async with self._context.store.read() as db:
            return [Due(id_, at, stopped, host_of(*names)) for id_, at, stopped, *names in await db.exec(query)]

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._slot_freed.wait()

    def _start(self, source: Due) -> None:
        task = asyncio.create_task(self._work(source), name=f"poll source {source.source_id}")
        self._running[source.source_id] = task
        self._asked[source.host] += 1
        task.add_done_callback(lambda _: self._done(source))

    def _done(self, source: Due) -> None:
        del self._running[source.source_id]
        self._asked[source.host] -= 1
        if not self._asked[source.host]:
            del self._asked[source.host]
        self._slot_freed.set()

    async def _work(self, source: Due) -> None:
        """Poll a source, and now and then recheck its older posts. No error stops the other sources."""
        try:
            if source.stopped:
                await self._recheck_stopped(source)
                return
            polled = await self._poll(source.source_id)
            if polled is not None and not polled.more and (polled.is_missing or not polled.trouble):
                await self._recheck(source, polled.to_recheck)
        except Exception:
            log.exception("poll failed unexpectedly", source=source.source_id)
            await asyncio.sleep(FAULT_PAUSE)

    async def _poll(self, source_id: int, *, due: bool = True) -> PollResult | None:
        rest = self._pages[source_id] >= MAX_PAGES - 1
        async with leased(self._context, source_id, due=due) as ours:
            polled = await poll_source(self._context, source_id, rest=rest) if ours else None
        await self._follow_up(source_id, polled.admitted if polled else None)
        if polled is not None:
            await self._streams.polled(source_id, polled.admitted.new)
        self._pages[source_id] += 1
        if polled is None or not polled.more:
            del self._pages[source_id]
        return polled

    async def _recheck_stopped(self, source: Due) -> None:
        async with leased(self._context, source.source_id) as ours:
            result = await recheck_stopped(self._context, source.source_id) if ours else None
        await self._follow_up(source.source_id, result.admitted if result else None)

    async def _recheck(self, source: Due, to_recheck: Collection[str]) -> None:
        """Recheck at once the posts that its server seems to have lost; else a round, if one is due."""
        at = self._context.clock()
        if to_recheck:
            result = await recheck_leased(self._context, source.source_id, to_recheck)
        elif self._recheck_schedule.begin(source.source_id, source.host, at):
            result = await recheck_leased(self._context, source.source_id)
            self._recheck_schedule.leave_alone(source.host, at, result.wait if result else 0.0)
        else:
            return
        await self._follow_up(source.source_id, result.admitted if result else None)

    async def _follow_up(self, source_id: int, admitted: AdmitResult | None) -> None:
        """Wake the picture worker, ask the origins of disputed posts, and update those of authors gone or renamed."""
        self._notify_pictures(admitted)
        if admitted and admitted.disputed:
            self._disputes.begin(source_id, admitted.disputed)
        if (
            admitted
            and (admitted.authors_to_check or admitted.renamed)
            and await self._authors.follow_up(source_id, admitted)
        ):
            self._on_pictures()

    def _notify_pictures(self, admitted: AdmitResult | None) -> None:
        """Tell the picture worker that there may be pictures to fetch."""
        if admitted is not None and (admitted.new or admitted.edited):
            self._on_pictures()
