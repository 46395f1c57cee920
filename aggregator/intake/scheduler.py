"""Which sources are polled when: all that are due, at the same time within bounds, never one of them twice at once.

A server that does not answer keeps a few slots waiting and no more, however many sources are there. It refuses to know
what a poll does. Another process may poll the same sources: the cursor, compared in the poll's
transaction, keeps that harmless.
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
from urllib.parse import urlsplit

import structlog
from sqlalchemy import exists
from sqlalchemy import select as columns
from sqlmodel import col

from aggregator.intake.admit import AdmitResult
from aggregator.intake.authors import Authors
from aggregator.intake.clock_skew import ClockSkew
from aggregator.intake.context import PollContext
from aggregator.intake.lease import is_free, leased
from aggregator.intake.poll import MAX_PAGES, PollResult, poll_source, to_last_page
from aggregator.intake.recheck import recheck_after_poll, recheck_ended, recheck_source
from aggregator.intake.recheck_schedule import Host, RecheckSchedule
from aggregator.sources.credentials import Vault
from aggregator.sources.tables import Sighting, Source
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from aggregator.timestamps import now
from connectors.contract import Connector
from connectors.http.client import Http

LOOK_AGAIN = 1.0
"""How often, in seconds, we look for sources that another process has added or changed."""
AFTER_A_FAULT = 5.0
"""The rest, in seconds, after something that should never happen, such as a database that is away."""

log = structlog.get_logger()


class Due(NamedTuple):
    """A source, when it is due, whether it has ended, and whom it asks."""

    source_id: int
    at: datetime
    ended: bool
    host: Host


def host_of(network: str, server: str, value: str) -> Host:
    try:
        return network, urlsplit(server or value).netloc
    except ValueError:
        return network, value


def _nothing() -> None:
    """Nobody keeps pictures."""


class Intake:
    """Polls the sources of all walls. `run()` until cancelled, or `poll_due()` for one round."""

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
        patience: float = 60.0,
        on_pictures: Callable[[], None] = _nothing,
    ) -> None:
        self._context = PollContext(
            store=store,
            connectors=connectors,
            http=http,
            vault=vault or Vault(),
            clock=clock,
            random=random or Random(),  # noqa: S311  it spreads polls in time and guards nothing
            patience=patience,
        )
        self._setback = ClockSkew(self._context)
        self._concurrency = concurrency
        self._of_one_host = max(1, concurrency // 4)
        self._on_pictures = on_pictures
        self._running: dict[int, asyncio.Task[None]] = {}
        self._asked: Counter[Host] = Counter()
        self._pages = Counter[int]()
        self._rounds = RecheckSchedule()
        self._authors = Authors(self._context)
        self._stirred = asyncio.Event()

    def wake(self) -> None:
        """Look for sources that are due at once."""
        self._stirred.set()

    async def run(self) -> None:
        """Poll for ever. When cancelled, requests are dropped, and transactions under way come to their end."""
        try:
            while True:
                await self._wait(await self._start_due())
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def poll_due(self) -> dict[int, PollResult | None]:
        """Poll each source that is due now to its last page, and look again at once at what has come before.

        Returns what came of each, by its id; those that have ended are looked after and not told of.
        """
        slots = asyncio.Semaphore(self._concurrency)
        slots_of = defaultdict[Host, asyncio.Semaphore](lambda: asyncio.Semaphore(self._of_one_host))

        async def in_turn(source: Due) -> PollResult | None:
            async with slots_of[source.host], slots:
                if not source.ended:
                    return await self._poll_and_look(source.source_id)
                with suppress(Outage):  # those that are polled tell of it; this one is looked after the next time
                    await self._look_after(source)
                return None

        await self._setback.look()
        due = await self._upcoming(self._context.clock())
        came = zip(due, await asyncio.gather(*map(in_turn, due)), strict=True)
        return {source.source_id: polled for source, polled in came if not source.ended}

    async def poll_now(self, source_id: int) -> PollResult | None:
        """Poll one source, due or not, as `poll_due` does. None if it has ended, or another process asks just now."""
        return await self._poll_and_look(source_id, due=False)

    async def _poll_and_look(self, source_id: int, *, due: bool = True) -> PollResult | None:
        try:
            polled = await to_last_page(partial(self._poll, source_id, due=due))
        except Outage as outage:
            return PollResult(trouble=str(outage))
        later = await recheck_after_poll(self._context, source_id, polled)
        await self._follow_up(source_id, later.admitted)
        return polled and polled.then(later)

    async def _start_due(self) -> float:
        """Start what is due, as far as there are slots; returns the seconds until it makes sense to look again."""
        self._stirred.clear()
        moment = self._context.clock()
        try:
            await self._setback.look()
            upcoming = await self._upcoming(moment + timedelta(seconds=LOOK_AGAIN))
        except Exception:
            log.exception("sources could not be read")
            return LOOK_AGAIN
        for source in upcoming:
            if len(self._running) >= self._concurrency:
                break
            if source.at > moment:
                return (source.at - moment).total_seconds()
            if self._asked[source.host] < self._of_one_host:
                self._start(source)
        return LOOK_AGAIN

    async def _upcoming(self, until: datetime) -> list[Due]:
        """Those that are due by then and are not being polled, the longest due first.

        Of those that have ended, the ones that have brought something which is still there.
        """
        ended, brought = col(Source.ended_at).is_not(None), exists().where(col(Sighting.source_id) == col(Source.id))
        names = map(col, (Source.network, Source.server, Source.value))
        query: Any = (  # more columns than sqlmodel has overloads for
            columns(col(Source.id), col(Source.next_poll_at), ended, *names)
            .where(col(Source.id).not_in(self._running), col(Source.next_poll_at) <= until, ~ended | brought)
            .where(is_free(self._context.clock()))
            .order_by(col(Source.next_poll_at))
        )
        async with self._context.store.read() as db:
            return [Due(id_, at, ended, host_of(*names)) for id_, at, ended, *names in await db.exec(query)]

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stirred.wait()

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
        self._stirred.set()

    async def _work(self, source: Due) -> None:
        """A poll, and now and then a second look at what came before. Nothing that goes wrong here stops the others."""
        try:
            if source.ended:
                await self._look_after(source)
                return
            polled = await self._poll(source.source_id)
            if polled is not None and not polled.more and (polled.is_missing or not polled.trouble):
                await self._recheck(source, polled.to_recheck)
        except Exception:
            log.exception("poll failed beyond its source", source=source.source_id)
            await asyncio.sleep(AFTER_A_FAULT)

    async def _poll(self, source_id: int, *, due: bool = True) -> PollResult | None:
        rest = self._pages[source_id] >= MAX_PAGES - 1
        async with leased(self._context, source_id, due=due) as ours:
            polled = await poll_source(self._context, source_id, rest=rest) if ours else None
        await self._follow_up(source_id, polled.admitted if polled else None)
        self._pages[source_id] += 1
        if polled is None or not polled.more:
            del self._pages[source_id]
        return polled

    async def _look_after(self, source: Due) -> None:
        async with leased(self._context, source.source_id) as ours:
            look = await recheck_ended(self._context, source.source_id) if ours else None
        await self._follow_up(source.source_id, look.admitted if look else None)

    async def _recheck(self, source: Due, to_recheck: Collection[str]) -> None:
        """At once what its server seems to have no longer; else a round when it is time for one."""
        at = self._context.clock()
        if to_recheck:
            look = await recheck_source(self._context, source.source_id, to_recheck)
        elif self._rounds.begin(source.source_id, source.host, at):
            look = await recheck_source(self._context, source.source_id)
            self._rounds.leave_alone(source.host, at, look.wait if look else 0.0)
        else:
            return
        await self._follow_up(source.source_id, look.admitted if look else None)

    async def _follow_up(self, source_id: int, admitted: AdmitResult | None) -> None:
        """What concerns more than the page: pictures, and the other posts of those who are gone or renamed."""
        self._tell(admitted)
        if admitted and (admitted.lost or admitted.renamed) and await self._authors.follow_up(source_id, admitted):
            self._on_pictures()

    def _tell(self, admitted: AdmitResult | None) -> None:
        """Whoever keeps pictures: there may be new ones to fetch."""
        if admitted is not None and (admitted.new or admitted.edited):
            self._on_pictures()
