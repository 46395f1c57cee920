"""Jetstream: one connection tells what everybody on the network writes, and for all walls a screen takes their part.

https://github.com/bluesky-social/jetstream (version 1): `/subscribe`, resumed by a cursor in microseconds. The posts
are then read from the public AppView, by the same functions as those of polls.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

import httpx
import msgspec

from connectors.contract import Person, Stream, Told, Wanted
from connectors.errors import Unavailable
from connectors.http.client import Http
from connectors.http.websocket import WebSocket
from connectors.networks.bluesky.client import Service
from connectors.networks.bluesky.events import POST, REPOST, events_of
from connectors.networks.bluesky.facets import profile
from connectors.networks.bluesky.followed import Followed
from connectors.networks.bluesky.hydration import Hydration
from connectors.networks.bluesky.screen import Screen

OVERLAP: Final = 5_000_000
"""Microseconds before the cursor from which a connection goes on: the clocks of hosts differ a little."""
PROGRESS: Final = 5.0
"""Seconds after which a message that concerns no wall is handed over, so that the cursor moves on."""
MAX_MESSAGE: Final = 1_000_000
"""Bytes of a message that is sent at all."""
MAX_DIDS: Final = 10_000
"""Accounts to which a connection can be confined."""
PATH: Final = "/subscribe"


class Jetstream(Stream):
    """A connection to one host (`wss://…`); `service` is the AppView that is asked for posts."""

    def __init__(self, http: Http, service: Service) -> None:
        self._http = http
        self._hydration = Hydration(service)
        self._stack = AsyncExitStack()
        self._socket: WebSocket | None = None
        self._host = ""
        self._followed = Followed(service)
        self._screen = Screen()
        self._cursor = 0

    async def open(self, host: str, wanted: Wanted, cursor: str) -> None:
        """Connect to this host, and go on from the cursor, or from now. Raises ConnectorError."""
        await self._follow(wanted)
        address = httpx.URL(f"{host}{PATH}", params=self._options() | ({"cursor": cursor} if cursor else {}))
        self._host = address.netloc.decode()
        with self._http.trusting(host):  # an organiser or the connector itself has named it
            self._socket = await self._stack.enter_async_context(self._http.websocket(str(address)))

    async def serve(self, wanted: Wanted) -> None:
        before = self._options()
        await self._follow(wanted)
        if self._socket is not None and self._options() != before:
            update = {"type": "options_update", "payload": self._options()}
            await self._socket.send(msgspec.json.encode(update).decode())

    async def _follow(self, wanted: Wanted) -> None:
        await self._followed.follow(wanted)
        self._screen = Screen(self._followed.tags, self._followed.accounts)

    def _options(self) -> dict[str, Any]:
        """What the host sends: all posts where hashtags are followed, else those of the followed accounts."""
        dids = sorted(self._followed.accounts)
        is_confined = not self._followed.tags and len(dids) <= MAX_DIDS
        return {
            "wantedCollections": [POST, REPOST] if self._followed.reposts else [POST],
            "wantedDids": dids if is_confined else [],
            "maxMessageSizeBytes": MAX_MESSAGE,
        }

    async def messages(self) -> AsyncGenerator[bytes]:
        """Yield what passes the screen, posts that are asked for again, and now and then a sign of progress."""
        if self._socket is None:
            return
        loop, stream = asyncio.get_running_loop(), self._socket.messages()
        told_at, coming = loop.time(), asyncio.ensure_future(_next(stream))
        try:
            while True:
                await asyncio.wait([coming], timeout=self._hydration.pause(loop.time()))
                for again in self._hydration.due(loop.time()):
                    yield again
                if not coming.done():
                    continue
                raw = coming.result()
                if raw is None:
                    return
                coming = asyncio.ensure_future(_next(stream))
                if self._screen.passes(raw) or loop.time() - told_at >= PROGRESS:
                    told_at = loop.time()
                    yield raw
        finally:
            coming.cancel()
            await asyncio.wait([coming])

    async def read(self, messages: Sequence[bytes]) -> Told:
        """Raises Unavailable where the host ends the stream by an error, such as `ConsumerTooSlow`."""
        events = await events_of(self._http, messages)
        if error := next((event.error for event in events if event.error), ""):
            raise Unavailable(f"Stream ended ({error}): {self._host} is asked again from where it was.")
        deleted = list(dict.fromkeys(event.uri for event in events if event.deleted))
        self._hydration.deleted(deleted)
        wanted = [event for event in events if self._followed.concerns(event)]
        by_uri = {event.uri: message for event, message in zip(events, messages, strict=True)}
        entries = await self._hydration.entries(wanted, by_uri, asyncio.get_running_loop().time())
        self._cursor = max([self._cursor, *(event.time for event in events)])
        return Told(
            pages=self._followed.pages(wanted, entries, self._http.now()),
            gone=tuple(deleted),
            authors=tuple(map(_person, dict.fromkeys(event.did for event in events if event.left))),
            cursor=str(self._hydration.oldest(self._cursor)),
            broken=tuple(event.broken for event in events if event.broken),
        )

    async def close(self) -> None:
        await self._stack.aclose()


async def _next(messages: AsyncGenerator[str | bytes]) -> bytes | None:
    message = await anext(messages, None)
    return message.encode() if isinstance(message, str) else message


def _person(did: str) -> Person:
    return Person(name=did, handle=did, url=profile(did))
