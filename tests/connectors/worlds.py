"""Networks of the tests on which people post, edit and delete: one for each connector that listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from connectors.contract import Address, Connector
from connectors.http.client import Http
from tests.connectors.networks.mastodon.sources import mastodon, tag
from tests.fakes.mastodon_server import MastodonServer

TAG, OTHER = "socitm09", "harbour26"


class World(Protocol):
    """A network with two sources. The verbs take a moment's effect on its timelines and its streams alike."""

    connector: Connector
    http: Http
    sources: tuple[Address, Address]

    def post(self, text: str, tag: str) -> str: ...
    def edit(self, ref: str, text: str) -> None: ...
    def delete(self, ref: str) -> None: ...
    async def ready(self) -> None:
        """Wait until the stream tells what happens."""


class MastodonWorld:
    def __init__(self, server: MastodonServer, http: Http) -> None:
        self.connector: Connector = mastodon
        self.http = http
        self._server = server
        self.sources = (tag(server, TAG), tag(server, OTHER))
        self.edit: Callable[[str, str], None] = server.edit
        self.delete: Callable[[str], None] = server.delete

    def post(self, text: str, tag: str) -> str:
        return self._server.post(f"{text} #{tag}", tags=[tag])

    async def ready(self) -> None:
        async with asyncio.timeout(20):
            while self._server.streaming.listening != {TAG, OTHER}:
                await asyncio.sleep(0.005)
