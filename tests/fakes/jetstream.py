"""Jetstream on a real socket: what happens on the fake Bluesky, resumable, with the faults of real hosts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State

from tests.fakes.bluesky import FakeBluesky


class FakeJetstream:
    """Tells the events of `network` from the given cursor on, as far as the options want them.

    `refuses` is the status of every opening, `forgets` that of one with a cursor. `asked` are the queries of all
    openings, `options` the latest that a client has sent. After `dies_after` messages a connection ends, with `error`
    before, if that is set.
    """

    def __init__(self, network: FakeBluesky) -> None:
        self._network = network
        self.refuses = self.forgets = 0
        self.dies_after: int | None = None
        self.error = ""
        self.asked: list[dict[str, list[str]]] = []
        self.options: dict[str, Any] = {}
        self.url = ""

    @asynccontextmanager
    async def run(self) -> AsyncIterator[FakeJetstream]:
        async with serve(self._tell, "127.0.0.1", 0, process_request=self._refuse) as server:
            self.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            yield self

    def _refuse(self, connection: ServerConnection, request: Request) -> Response | None:
        asked = parse_qs(urlsplit(request.path).query)
        self.asked.append(asked)
        status = self.refuses or (self.forgets if "cursor" in asked else 0)
        return connection.respond(HTTPStatus(status), "no") if status else None

    async def _tell(self, connection: ServerConnection) -> None:
        asked = self.asked[-1]
        self.options = dict(asked)
        events = self._network.events
        at = len(events)
        if "cursor" in asked:
            at = next((n for n, each in enumerate(events) if each["time_us"] >= int(asked["cursor"][0])), at)
        told = 0
        listening = asyncio.create_task(self._take_options(connection))
        try:
            while told != self.dies_after:
                while at == len(events):
                    if connection.state is not State.OPEN:
                        return
                    await asyncio.sleep(0.005)
                event, at = events[at], at + 1
                if self._wants(event):
                    await connection.send(json.dumps(event, ensure_ascii=False, separators=(",", ":")))
                    told += 1
            if self.error:
                await connection.send(json.dumps({"error": self.error, "message": "…"}))
        except ConnectionClosed:
            return
        finally:
            listening.cancel()

    async def _take_options(self, connection: ServerConnection) -> None:
        async for message in connection:
            self.options = json.loads(message)["payload"]

    def _wants(self, event: dict[str, Any]) -> bool:
        dids = self.options.get("wantedDids") or [event["did"]]
        collection = event.get("commit", {}).get("collection")
        return event["did"] in dids and (collection is None or collection in self.options["wantedCollections"])
