"""Listening beside polling: connecting, filling, storing, falling back and coming back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from aggregator.audit.actor import UNNAMED
from aggregator.intake.admit import AdmitResult
from aggregator.intake.context import PollContext
from aggregator.intake.intervals import LISTENING
from aggregator.intake.poll import poll_source
from aggregator.intake.stream import FORBIDDEN_PAUSE, Listener
from aggregator.intake.streams import DISTRUST, Streams
from aggregator.sources.tables import Source, Stream
from aggregator.store.store import Store
from aggregator.walls.following import unfollow
from aggregator.walls.tables import Wall
from connectors.contract import Page, Told
from connectors.errors import Forbidden, RateLimited, Unavailable
from connectors.http.client import Http
from tests.aggregator.intake.at_work import until
from tests.aggregator.intake.telling import Connection, Sleeps, Telling, sightings, sources_of
from tests.aggregator.invented import ADA, NETWORK, ONE, START, TWO, Clock, a_source, said, source_now, words
from tests.conftest import ON_BOTH, Copies, Turns


@pytest.fixture
def databases(request: pytest.FixtureRequest, copies: Copies) -> Copies | Turns:
    """SQLite's, unless a test asks for both kinds."""
    asked = getattr(request, "param", "sqlite")
    found: Copies | Turns = copies if asked == "sqlite" else request.getfixturevalue("turns")
    return found


class Room:
    """A wall's streams at work on the invented network."""

    def __init__(self, store: Store, connector: Telling, **more: Any) -> None:
        self.clock = Clock()
        self.context = PollContext(
            store=store, connectors={NETWORK: connector}, http=Http(), clock=self.clock, pauses=(), **more
        )
        self.connector = connector
        self.admitted: list[tuple[int, AdmitResult]] = []
        self.streams = Streams(self.context, self.on_admitted)

    async def on_admitted(self, source_id: int, admitted: AdmitResult) -> None:
        self.admitted.append((source_id, admitted))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Connection]:
        """The streams running, once the first connection is open and said to be so."""
        task = asyncio.create_task(self.streams.run())
        try:
            await self.until(lambda source: source.listening_since is not None)
            yield self.connector.connections[-1]
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def until(self, true: Callable[[Source], bool]) -> None:
        """Wait until this is true of all sources."""
        async with asyncio.timeout(30):
            while not all(map(true, (await sources_of(self.context)).values())):
                await asyncio.sleep(0.005)


@ON_BOTH
async def test_stream_tells_and_its_source_is_polled_once_for_what_was_missed(
    store: Store, wall: Wall, source: Source
) -> None:
    room = Room(store, Telling(Page(posts=(said("1"),), cursor="polled")))
    room.clock.forward(600)
    async with room.listening() as connection:
        assert (await source_now(store, source)).next_poll_at == room.clock()  # due at once
        await poll_source(room.context, source.id or 0)
        connection.post("1", "2", cursor="7")
        await until(lambda: len(room.admitted) == 1)
        now = await source_now(store, source)
        assert (now.cursor, now.posts, now.stream, now.not_listening) == ("polled", 2, "invented all", "")
        assert LISTENING[0] * 0.9 <= (now.next_poll_at - room.clock()).total_seconds() <= LISTENING[0] * 1.1
    assert room.admitted == [(source.id, AdmitResult(new=frozenset({TWO})))]
    assert await words(store, wall.channel) == {ONE: "<p>Good morning.</p>", TWO: "<p>Good morning.</p>"}
    assert await sightings(store) == {"1": False, "2": True}
    stopped = await source_now(store, source)
    assert (stopped.listening_since, stopped.next_poll_at) == (None, room.clock())
    async with store.read() as db:
        stored = await db.get_one(Stream, "invented all")
        assert (stored.cursor, stored.leased_until) == ("7", None)
    assert connection.closed


async def test_one_connection_serves_sources_that_come_and_go(store: Store, wall: Wall, source: Source) -> None:
    room = Room(store, Telling())
    async with room.listening() as connection:
        second = await a_source(store, wall, "second")
        await room.until(lambda each: each.listening_since is not None)
        assert connection.wanted.keys() == {source.id, second.id}
        async with store.write() as db:
            await unfollow(db, source.id or 0, by=UNNAMED)
        await until(lambda: connection.wanted.keys() == {second.id})
        connection.tell(
            Told(pages={source.id or 0: Page(posts=(said("1"),)), second.id or 0: Page(posts=(said("2"),))})
        )
        await until(lambda: len(room.admitted) == 1)
    assert (list(await words(store, wall.channel)), len(room.connector.connections)) == ([TWO], 1)


@ON_BOTH
async def test_what_a_stream_reports_as_deleted_leaves_the_wall_by_the_word_of_its_origin(
    store: Store, wall: Wall, source: Source
) -> None:
    class Travelling(Telling):
        def is_origin(self, source: Any, key: str) -> bool:
            return key != "2"

    room = Room(store, Travelling())
    async with room.listening() as connection:
        connection.post("1", "2", "3", refs=["r1", "r2", "r3"])
        await until(lambda: len(room.admitted) == 1)
        connection.tell(Told(gone=("3", "unknown"), deleted=("r1", "r2", "r9"), authors=(ADA,)))
        await until(lambda: len(room.admitted) == 2)
        assert await words(store, wall.channel) == {}
        connection.post("1", "2")
        await until(lambda: len(room.admitted) == 3)
    # The copy of 2 may come back, since its origin has not spoken; 1 and 3 may not.
    assert list(await words(store, wall.channel)) == [TWO]
    assert ADA in room.admitted[1][1].authors_to_check


@pytest.mark.parametrize(
    ("error", "least"),
    [(Forbidden("a token is wanted"), FORBIDDEN_PAUSE), (RateLimited("later", 77.0), 77.0), (ValueError("odd"), 4.0)],
)
async def test_stream_that_fails_is_left_for_polls_and_tried_again(
    store: Store, source: Source, error: Exception, least: float
) -> None:
    sleeps = Sleeps(most=2)
    room = Room(store, Telling(refusals=[error]), sleep=sleeps)
    async with room.listening() as connection:
        connection.tell(Unavailable("cut off"))
        await room.until(lambda each: each.not_listening == "cut off")
        now = await source_now(store, source)
        assert (now.listening_since, now.next_poll_at) == (None, room.clock())
    assert (sleeps.seconds[0] >= least, len(room.connector.connections), connection.closed) == (True, 1, True)


async def test_pauses_grow_while_a_stream_dies_young(store: Store, source: Source) -> None:
    sleeps = Sleeps(most=4)
    room = Room(store, Telling(refusals=[Unavailable("away")] * 4), sleep=sleeps)
    listener = Listener(room.context, room.connector, "k", await sources_of(room.context), room.on_admitted)
    task = asyncio.create_task(listener.run())
    await until(lambda: len(sleeps.seconds) == 4)
    task.cancel()
    await asyncio.wait([task])
    assert all(later > 1.5 * earlier for earlier, later in pairwise(sleeps.seconds))
    assert (await source_now(store, source)).not_listening == "away"


async def test_stream_is_open_in_one_process_at_a_time(store: Store, source: Source) -> None:
    first, second = Room(store, Telling()), Room(store, Telling(), sleep=Sleeps(most=1))
    second.clock.forward(5)
    async with first.listening():
        task = asyncio.create_task(second.streams.run())
        # The first may have been killed: what it should have told is asked for at once, whoever holds the lease.
        await second.until(lambda source: source.next_poll_at == second.clock())
        assert second.connector.connections == []
        task.cancel()
        await asyncio.wait([task])
        assert (await source_now(store, source)).listening_since is not None


async def test_stream_that_misses_what_polls_find_is_not_trusted(store: Store, wall: Wall, source: Source) -> None:
    room = Room(store, Telling())
    async with room.listening():
        room.clock.forward(3600)
        room.connector.replies = [Page(posts=(said("1", created_at=START + timedelta(minutes=30)),))]
        polled = await poll_source(room.context, source.id or 0)
        assert polled is not None
        await room.streams.polled(source.id or 0, polled.admitted.new)
        now = await source_now(store, source)
        assert (now.listening_since, now.not_listening) == (
            None,
            "The stream told 0 posts and missed 1 that a poll has found: polled until 11:30 UTC.",
        )
        room.clock.forward(DISTRUST.total_seconds() + 1)
        await room.until(lambda each: each.listening_since is not None)


async def test_source_that_is_only_listened_to_is_as_well_as_its_stream(store: Store, source: Source) -> None:
    room = Room(store, Telling(only_told=True), sleep=Sleeps(most=1))

    async def trouble() -> str:
        await poll_source(room.context, source.id or 0)
        return (await source_now(store, source)).trouble

    assert (await trouble()).startswith("Not listening yet")
    async with room.listening() as connection:
        assert await trouble() == ""
        connection.tell(Unavailable("cut off"))
        await room.until(lambda each: each.listening_since is None)
        assert await trouble() == "cut off"
    assert room.connector.cursors == []


async def test_young_old_and_known_posts_are_not_missed(store: Store, wall: Wall, source: Source) -> None:
    room = Room(store, Telling())
    async with room.listening():
        room.clock.forward(3600)
        young = said("young", created_at=room.clock() - timedelta(seconds=5))
        room.connector.replies = [Page(posts=(said("old", created_at=START - timedelta(hours=1)), young))]
        polled = await poll_source(room.context, source.id or 0)
        assert polled is not None
        assert len(polled.admitted.new) == 2
        await room.streams.polled(source.id or 0, polled.admitted.new)
        assert (await source_now(store, source)).listening_since is not None
