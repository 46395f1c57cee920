"""Which sources are polled when: all that are due, at the same time within bounds, never one of them twice at once.

It refuses to know what a poll does. Another process may poll the same sources: the cursor, compared in the poll's
transaction, keeps that harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from random import Random

import structlog
from sqlmodel import col, select

from aggregator.intake.poll import Kit, Polled, poll_source, to_last_page
from aggregator.intake.recheck import recheck_source
from aggregator.moment import now
from aggregator.store import Store
from aggregator.walls.tables import Source
from connectors._base import Connector
from connectors._http import Http

LOOK_AGAIN = 1.0
"""How often, in seconds, we look for sources that another process has added or changed."""
AFTER_A_FAULT = 5.0
"""The rest, in seconds, after something that should never happen, such as a database that is away."""
RECHECK_EVERY = timedelta(minutes=2)

log = structlog.get_logger()


def _nothing() -> None:
    """Nobody waits for pictures."""


class Intake:
    """Polls the sources of all walls. `run()` until cancelled, or `poll_due()` for one round."""

    def __init__(
        self,
        store: Store,
        connectors: Mapping[str, Connector],
        http: Http,
        *,
        clock: Callable[[], datetime] = now,
        random: Random | None = None,
        concurrency: int = 8,
        patience: float = 60.0,
        on_pictures: Callable[[], None] = _nothing,
    ) -> None:
        self._kit = Kit(
            store=store,
            connectors=connectors,
            http=http,
            clock=clock,
            random=random or Random(),  # noqa: S311  it spreads polls in time and guards nothing
            patience=patience,
        )
        self._concurrency = concurrency
        self._on_pictures = on_pictures
        self._running: dict[int, asyncio.Task[None]] = {}
        self._rechecked: dict[int, datetime] = {}
        self._stirred = asyncio.Event()

    async def run(self) -> None:
        """Poll for ever. When cancelled, requests are dropped, and transactions under way come to their end."""
        try:
            while True:
                await self._wait(await self._start_due())
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def poll_due(self) -> dict[int, Polled | None]:
        """Poll each source that is due now to its last page; returns what came of each, by its id."""
        slots = asyncio.Semaphore(self._concurrency)

        async def poll(source_id: int) -> Polled | None:
            async with slots:
                return await to_last_page(partial(self._poll, source_id))

        due = [source_id for source_id, at in await self._upcoming(limit=None) if at <= self._kit.clock()]
        return dict(zip(due, await asyncio.gather(*map(poll, due)), strict=True))

    async def _start_due(self) -> float:
        """Start what is due, as far as there are slots; returns the seconds until it makes sense to look again."""
        self._stirred.clear()
        free = self._concurrency - len(self._running)
        try:
            upcoming = await self._upcoming(limit=free + 1)
        except Exception:
            log.exception("sources could not be read")
            return LOOK_AGAIN
        moment = self._kit.clock()
        for source_id, at in upcoming[:free]:
            if at > moment:
                return min((at - moment).total_seconds(), LOOK_AGAIN)
            self._start(source_id)
        return LOOK_AGAIN

    async def _upcoming(self, limit: int | None) -> list[tuple[int, datetime]]:
        """(source, when it is due) of those that are not being polled, the longest due first."""
        query = (
            select(Source.id, Source.next_poll_at)
            .where(col(Source.id).not_in(self._running))
            .order_by(col(Source.next_poll_at))
            .limit(limit)
        )
        async with self._kit.store.read() as session:
            return [(source_id, at) for source_id, at in await session.exec(query) if source_id is not None]

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stirred.wait()

    def _start(self, source_id: int) -> None:
        task = asyncio.create_task(self._work(source_id), name=f"poll source {source_id}")
        self._running[source_id] = task
        task.add_done_callback(lambda _: self._done(source_id))

    def _done(self, source_id: int) -> None:
        del self._running[source_id]
        self._stirred.set()

    async def _work(self, source_id: int) -> None:
        """A poll, and now and then a second look at what came before. Nothing that goes wrong here stops the others."""
        try:
            polled = await self._poll(source_id)
            if polled is not None and not polled.more and not polled.trouble:
                await self._recheck(source_id)
        except Exception:
            log.exception("poll failed beyond its source", source=source_id)
            await asyncio.sleep(AFTER_A_FAULT)

    async def _poll(self, source_id: int) -> Polled | None:
        polled = await poll_source(self._kit, source_id)
        if polled is not None and (polled.admitted.new or polled.admitted.edited):
            self._on_pictures()
        return polled

    async def _recheck(self, source_id: int) -> None:
        moment = self._kit.clock()
        last = self._rechecked.get(source_id)
        if last is None or moment - last >= RECHECK_EVERY:
            self._rechecked[source_id] = moment
            admitted = await recheck_source(self._kit, source_id)
            if admitted is not None and admitted.edited:
                self._on_pictures()
