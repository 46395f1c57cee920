"""A wall that listens to a Mastodon-shaped server on a real socket: at once, through failures, and without loss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlmodel import select

from aggregator.audit.actor import UNNAMED
from aggregator.intake import Intake
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.following import follow
from aggregator.walls.tables import Wall
from connectors.http.client import Http
from connectors.networks.mastodon.connector import Mastodon
from connectors.sandbox import Inline
from tests.aggregator.intake.at_work import running
from tests.aggregator.intake.telling import sightings
from tests.aggregator.invented import words
from tests.conftest import Copies
from tests.connectors.networks.mastodon.sources import tag
from tests.fakes.mastodon_server import MastodonServer


@pytest.fixture
def databases(copies: Copies) -> Copies:
    return copies


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        yield server


class Listening:
    """An intake at work for a wall that follows a hashtag of the server."""

    def __init__(self, store: Store, wall: Wall, server: MastodonServer) -> None:
        self._store, self._wall, self._server = store, wall, server

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        async with (
            Http(allow_hosts=["127.0.0.1"], per_second=1000, sandbox=Inline) as http,
            running(Intake(self._store, {"mastodon": Mastodon()}, http)),
        ):
            yield

    async def source(self) -> Source:
        async with self._store.read() as db:
            return (await db.exec(select(Source))).one()

    async def shows(self, *texts: str) -> None:
        """Wait until the wall shows these words, and no others."""
        found: list[str] = []
        async with asyncio.timeout(30):
            while sorted(texts) != found:
                await asyncio.sleep(0.01)
                shown = await words(self._store, self._wall.channel)
                found = sorted(html.removeprefix("<p>").partition(" <")[0] for html in shown.values())

    async def is_listening(self) -> None:
        async with asyncio.timeout(30):
            while not (self._server.streaming.listening and (await self._filled())):
                await asyncio.sleep(0.01)

    async def _filled(self) -> bool:
        """Whether the stream is open, and the poll that fills what was missed is done."""
        source = await self.source()
        since, polled = source.listening_since, source.succeeded_at
        return since is not None and polled is not None and source.next_poll_at > now() + timedelta(seconds=20)


@pytest.fixture
async def listening(store: Store, wall: Wall, server: MastodonServer) -> Listening:
    async with store.write() as db:
        await follow(db, wall, tag(server), by=UNNAMED)
    return Listening(store, wall, server)


def post(server: MastodonServer, text: str) -> str:
    return server.post(f"{text} #socitm09", tags=["socitm09"])


async def test_posts_come_by_listening_and_deletions_take_them_away(
    store: Store, server: MastodonServer, listening: Listening
) -> None:
    post(server, "Before")
    async with listening.run():
        await listening.is_listening()
        asked = len(server.requests)
        first = post(server, "One")
        await listening.shows("Before", "One")
        server.edit(first, "Better #socitm09")
        await listening.shows("Before", "Better")
        assert sorted((await sightings(store)).values()) == [False, True]
        server.delete(first)
        await listening.shows("Before")
        assert [each for each in server.requests[asked:] if "timelines" in each] == []
    assert (await listening.source()).listening_since is None


async def test_what_is_said_while_nobody_listens_is_fetched_on_coming_back(
    server: MastodonServer, listening: Listening
) -> None:
    async with listening.run():
        await listening.is_listening()
        post(server, "One")
        await listening.shows("One")
        server.streaming.refuses = 503
        server.streaming.end()
        post(server, "Two")
        await listening.shows("One", "Two")
        assert (await listening.source()).not_listening.startswith("Connection closed")
    post(server, "Three")
    server.streaming.refuses = 0
    async with listening.run():
        await listening.shows("One", "Two", "Three")
