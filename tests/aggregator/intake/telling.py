"""An invented network with a stream: what its tests let it tell, and how its connections end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence

import msgspec
from sqlmodel import select

from aggregator.intake.context import PollContext
from aggregator.sources.tables import Sighting, Source
from aggregator.store.store import Store
from connectors.contract import Address, Page, Stream, Told, Wanted
from connectors.http.client import Http
from tests.aggregator.invented import Reply, Silent, said


class Connection(Stream):
    """One connection. `tell` what comes next, or the error with which it ends; None ends it in an orderly way."""

    def __init__(self, wanted: Wanted, cursor: str) -> None:
        self.wanted = dict(wanted)
        self.cursor = cursor
        self.taken = 0
        self.closed = False
        self._queue: asyncio.Queue[Told | Exception | None] = asyncio.Queue()

    def tell(self, *told: Told | Exception | None) -> None:
        for each in told:
            self._queue.put_nowait(each)

    def post(self, *keys: str, cursor: str = "", refs: Iterable[str] = ()) -> None:
        """Tell posts of all sources that are served."""
        page = Page(posts=tuple(map(said, keys)), refs=dict(zip(keys, refs, strict=False)))
        self.tell(Told(pages=dict.fromkeys(self.wanted, page), cursor=cursor))

    async def serve(self, wanted: Wanted) -> None:
        self.wanted = dict(wanted)

    async def messages(self) -> AsyncGenerator[bytes]:
        while (told := await self._queue.get()) is not None:
            if isinstance(told, Exception):
                raise told
            self.taken += 1
            yield msgspec.json.encode(told)

    async def read(self, messages: Sequence[bytes]) -> Told:
        """The first of the messages: each test tells one thing at a time."""
        [told] = [msgspec.json.decode(message, type=Told) for message in messages]
        return told

    async def close(self) -> None:
        self.closed = True


class Telling(Silent):
    """A network whose addresses on one server share a stream. `refusals` are raised by the next openings.

    With `only_told`, it can't be polled.
    """

    def __init__(self, *replies: Reply, refusals: Iterable[Exception] = (), only_told: bool = False) -> None:
        super().__init__(*replies)
        self.only_told = only_told
        self.connections: list[Connection] = []
        self.refusals = list(refusals)

    def can_poll(self, source: Address) -> bool:
        return not self.only_told

    def stream_key(self, source: Address) -> str:
        return source.server or "all"

    async def open_stream(self, http: Http, wanted: Wanted, cursor: str) -> Connection:
        if self.refusals:
            raise self.refusals.pop(0)
        self.connections.append(Connection(wanted, cursor))
        return self.connections[-1]


class Sleeps:
    """The pauses of a listener, which take no time; after `most` of them it sleeps forever."""

    def __init__(self, most: int) -> None:
        self.seconds: list[float] = []
        self._most = most

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await (asyncio.sleep(0) if len(self.seconds) < self._most else asyncio.Event().wait())


async def sightings(store: Store) -> dict[str, bool]:
    """Key → whether a stream has told of it first."""
    async with store.read() as db:
        return {sighting.key: sighting.heard for sighting in await db.exec(select(Sighting))}


async def sources_of(context: PollContext) -> dict[int, Source]:
    async with context.store.read() as db:
        return {source.id or 0: source for source in await db.exec(select(Source))}
