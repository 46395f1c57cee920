"""Networks of the tests on which people post, edit and delete: one for each connector that listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from connectors.contract import Address, Connector
from connectors.http.client import Http
from connectors.networks.bluesky.connector import Bluesky
from connectors.networks.mastodon.connector import Mastodon
from connectors.sandbox import Inline
from tests.connectors.networks.mastodon.sources import tag
from tests.fakes.bluesky import ADA, BEN, FakeBluesky
from tests.fakes.jetstream import FakeJetstream
from tests.fakes.mastodon_server import MastodonServer

FIRST, SECOND = "socitm09", "harbour26"
"""Hashtags of posts: the first source lists posts with the first, the second source those with the second."""


@dataclass
class World:
    """A network with two sources; the verbs change its timelines and tell its streams.

    `post` takes a text and a hashtag, and returns a name for `edit` and `delete`. `ready` waits until a stream that has
    been opened tells what happens.
    """

    connector: Connector
    http: Http
    sources: tuple[Address, Address]
    post: Callable[[str, str], str]
    edit: Callable[[str, str], None]
    delete: Callable[[str], None]
    is_ready: Callable[[], bool]

    async def ready(self) -> None:
        async with asyncio.timeout(20):
            while not self.is_ready():
                await asyncio.sleep(0.005)


@asynccontextmanager
async def mastodon() -> AsyncIterator[World]:
    with MastodonServer() as server:
        async with Http(allow_hosts=["127.0.0.1"], per_second=10_000, sandbox=Inline) as http:
            yield World(
                connector=Mastodon(),
                http=http,
                sources=(tag(server, FIRST), tag(server, SECOND)),
                post=lambda text, tag: server.post(f"{text} #{tag}", tags=[tag]),
                edit=server.edit,
                delete=server.delete,
                is_ready=lambda: server.streaming.listening == {FIRST, SECOND},
            )


@asynccontextmanager
async def bluesky() -> AsyncIterator[World]:
    """A hashtag, and an account whose posts have the other hashtag."""
    network = FakeBluesky()
    async with FakeJetstream(network).run() as jetstream, network.http() as http:
        hosts: dict[str, object] = {"jetstream": [jetstream.url]}
        hashtag = Address(
            network="bluesky",
            kind="hashtag",
            value=FIRST,
            options=hosts | {"account": "ben.quay.example"},
            credentials={"token": "password"},
        )
        yield World(
            connector=Bluesky(),
            http=http,
            sources=(hashtag, Address(network="bluesky", kind="account", value="ada.quay.example", options=hosts)),
            post=lambda text, tag: network.post(f"{text} #{tag}", ADA if tag == SECOND else BEN),
            edit=network.edit,
            delete=network.delete,
            is_ready=lambda: bool(jetstream.options),
        )


WORLDS: dict[str, Callable[[], AbstractAsyncContextManager[World]]] = {"bluesky": bluesky, "mastodon": mastodon}
