"""All streams of this process: one listener for each connection that sources can share, and whom they serve."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlmodel import col, select

from aggregator.intake.context import PollContext, address_of
from aggregator.intake.stream import Listener, OnAdmitted
from aggregator.intake.told import Sources, fall_back, poll_soon
from aggregator.intake.trust import count_missed, is_trusted
from aggregator.sources.tables import Source
from aggregator.store.errors import Outage
from aggregator.store.sql import stored_id
from connectors.contract import Connector
from connectors.errors import ConnectorError

REFRESH_INTERVAL: Final = 1.0
"""Seconds between two reads of the sources, which another process may have added or changed."""
DISTRUST: Final = timedelta(hours=1)
"""How long a source is only polled after its stream has missed posts."""
MISSED: Final = (
    "The stream told {told} posts and missed {missed} that a poll has found: polled until {until:%H:%M} UTC."
)

log = structlog.get_logger()


class Streams:
    """The listeners: `run()` until cancelled; tell `polled` of each poll, which shows what a stream has missed."""

    def __init__(self, context: PollContext, on_admitted: OnAdmitted) -> None:
        self._context, self._on_admitted = context, on_admitted
        self._listeners: dict[str, Listener] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()
        self._served: set[int] = set()
        self._distrusted: dict[int, tuple[datetime, str]] = {}
        self._missed: defaultdict[int, int] = defaultdict(int)
        self._keys: dict[int, tuple[Any, str]] = {}
        self._streaming = [
            name for name, each in context.connectors.items() if type(each).stream_key is not Connector.stream_key
        ]

    async def run(self) -> None:
        """Keep a listener for each stream that has sources. When cancelled, their sources are polled again."""
        try:
            while True:
                try:
                    await self._refresh()
                except Exception:
                    log.exception("streams not refreshed")
                await asyncio.sleep(REFRESH_INTERVAL)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def polled(self, source_id: int, new: Collection[str]) -> None:
        """Judge the stream of a source by the new posts that a poll of it has found. An outage leaves it as it is."""
        listener = next((each for each in self._listeners.values() if each.is_serving(source_id)), None)
        if listener is not None and new:
            with suppress(Outage):
                self._missed[source_id] += await count_missed(self._context, source_id, new)
                await self._judge(source_id, listener)

    async def _judge(self, source_id: int, listener: Listener) -> None:
        told, missed = listener.told[source_id], self._missed[source_id]
        if is_trusted(told, missed):
            return
        del self._missed[source_id]
        until = self._context.clock() + DISTRUST
        self._distrusted[source_id] = until, MISSED.format(told=told, missed=missed, until=until)
        log.warning("stream not trusted", source=source_id, told=told, missed=missed)
        await self._refresh()

    async def _refresh(self) -> None:
        """Start, change and stop listeners, so that each stream serves the sources that share it."""
        async with self._turn:
            wanted = await self._wanted()
            await self._share_out(wanted)
            now = {id_ for sources in wanted.values() for id_ in sources}
            for id_ in self._served - now:
                _, why = self._distrusted.get(id_, (None, ""))
                await fall_back(self._context, [id_], why)
            self._served = now

    async def _share_out(self, wanted: dict[str, dict[int, Source]]) -> None:
        for key, sources in wanted.items():
            if key in self._tasks and not self._tasks[key].done():
                self._listeners[key].serve(sources)
            else:
                self._start(key, sources)
                await poll_soon(self._context, [id_ for id_, source in sources.items() if source.listening_since])
        for key in self._tasks.keys() - wanted.keys():
            task = self._tasks.pop(key)
            del self._listeners[key]
            task.cancel()
            await asyncio.wait([task])

    def _start(self, key: str, sources: Sources) -> None:
        connector = self._context.connectors[next(iter(sources.values())).network]
        listener = self._listeners[key] = Listener(self._context, connector, key, sources, self._on_admitted)
        self._tasks[key] = asyncio.create_task(listener.run(), name=f"stream {key}")

    async def _wanted(self) -> dict[str, dict[int, Source]]:
        """The sources that can be listened to, by the key of their stream."""
        if not self._streaming:
            return {}
        polled = select(Source).where(col(Source.ended_at).is_(None), col(Source.paused_at).is_(None))
        living = polled.where(col(Source.network).in_(self._streaming))
        async with self._context.store.read() as db:
            sources = (await db.exec(living.order_by(col(Source.id)))).all()
        at = self._context.clock()
        self._distrusted = {id_: until for id_, until in self._distrusted.items() if at < until[0]}
        wanted: defaultdict[str, dict[int, Source]] = defaultdict(dict)
        for source in sources:
            if source.id not in self._distrusted and (key := self._key(source)):
                wanted[f"{source.network} {key}"][stored_id(source)] = source
        return wanted

    def _key(self, source: Source) -> str:
        """The key of a source's stream, worked out again when the source has changed; empty if it has none."""
        id_, state = stored_id(source), (source.created_at, source.server, source.credentials, dict(source.options))
        if id_ not in self._keys or self._keys[id_][0] != state:
            key = ""
            with suppress(ConnectorError):  # its polls report that its credentials can't be read
                key = self._context.connectors[source.network].stream_key(address_of(self._context, source))
            self._keys[id_] = (state, key)
        return self._keys[id_][1]
