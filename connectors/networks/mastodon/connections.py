"""The connections of a server's streams: one WebSocket for all hashtags, or an event stream for each.

https://docs.joinmastodon.org/methods/streaming/. Neither replays anything, whatever `Last-Event-ID` is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from hashlib import blake2b
from typing import Any, Final

import httpx
import msgspec

from connectors.contract import Address, Wanted
from connectors.errors import InvalidResponse, NotFound, Rejected, Unavailable
from connectors.http.client import Http
from connectors.http.websocket import WebSocket
from connectors.networks.mastodon.options import Options, token_of
from connectors.networks.mastodon.stream import HashtagStream

PATH: Final = "/api/v1/streaming"
MAX_EVENT_STREAMS: Final = 12
"""Hashtags of one server by server-sent events, each of which is a connection."""
WAITING: Final = 16
"""Events of all hashtags that are held until they are taken; beyond that the server waits."""


def stream_key(source: Address) -> str:
    """The server and a digest of the token; empty for a source that is only polled."""
    if source.kind != "hashtag" or Options.model_validate(source.options).only_media:
        return ""
    token = token_of(source)
    return f"{source.server} {blake2b(token.encode(), digest_size=8).hexdigest()}" if token else source.server


async def connect(http: Http, address: httpx.URL, wanted: Wanted) -> HashtagStream:
    """A stream that serves these addresses of one key, by WebSocket, or by server-sent events where that fails.

    `address` is the origin of the server's streaming API (`wss://…`). Raises ConnectorError.
    """
    token = token_of(next(iter(wanted.values())))
    try:
        return await _opened(SocketStream(http, address, token), wanted)
    except (Unavailable, InvalidResponse, NotFound):
        return await _opened(EventStreams(http, address, token), wanted)


async def _opened(stream: HashtagStream, wanted: Wanted) -> HashtagStream:
    """The stream, once it serves these addresses. Raises ConnectorError, Forbidden where the server wants a token."""
    try:
        await stream.serve(wanted)
    except BaseException as error:
        await stream.close()
        if isinstance(error, Rejected):
            raise stream.refused(error.status) from error
        raise
    return stream


class SocketStream(HashtagStream):
    """One WebSocket, on which hashtags are subscribed to and unsubscribed from."""

    def __init__(self, http: Http, address: httpx.URL, token: str) -> None:
        super().__init__(http, address.netloc.decode(), token)
        self._url = str(address.copy_with(path=PATH))
        self._stack = AsyncExitStack()
        self._socket: WebSocket | None = None
        self._subscribed: frozenset[str] = frozenset()

    async def _subscribe(self, tags: frozenset[str]) -> None:
        if self._socket is None:
            self._socket = await self._stack.enter_async_context(self._http.websocket(self._url, headers=self._headers))
        for verb, changed in (("subscribe", tags - self._subscribed), ("unsubscribe", self._subscribed - tags)):
            for tag in sorted(changed):
                said = {"type": verb, "stream": "hashtag", "tag": tag}
                await self._socket.send(msgspec.json.encode(said).decode())
        self._subscribed = tags

    async def messages(self) -> AsyncGenerator[bytes]:
        if self._socket is not None:
            async for message in self._socket.messages():
                yield message.encode() if isinstance(message, str) else message

    async def close(self) -> None:
        await self._stack.aclose()


class EventStreams(HashtagStream):
    """Server-sent events: a connection for each hashtag."""

    def __init__(self, http: Http, address: httpx.URL, token: str) -> None:
        super().__init__(http, address.netloc.decode(), token)
        self._url = str(address.copy_with(scheme=address.scheme.replace("ws", "http"), path=f"{PATH}/hashtag"))
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._come: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue(WAITING)

    async def _subscribe(self, tags: frozenset[str]) -> None:
        if len(tags) > MAX_EVENT_STREAMS:
            raise Unavailable(
                f"Too many hashtags ({len(tags)}) for server-sent events: {self._host} serves {MAX_EVENT_STREAMS} "
                "of them that way, and refuses WebSockets."
            )
        for tag in self._tasks.keys() - tags:
            await _end(self._tasks.pop(tag))
        for tag in sorted(tags - self._tasks.keys()):
            opened = asyncio.Event()
            task = self._tasks[tag] = asyncio.create_task(self._listen(tag, opened))
            waiting = asyncio.ensure_future(opened.wait())
            await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
            await _end(waiting)
            if task.done():
                task.result()

    async def _listen(self, tag: str, opened: asyncio.Event) -> None:
        """Hand over each event of one hashtag, in the shape that it has on a WebSocket. Raises ConnectorError."""
        url = str(httpx.URL(self._url, params={"tag": tag}))
        try:
            async for event in self._http.events(url, headers=self._headers, opened=opened.set):
                told = {"stream": ["hashtag", tag], "event": event.type, "payload": event.data}
                await self._come.put(msgspec.json.encode(told))
        except Exception as error:
            if not opened.is_set():
                raise
            await self._come.put(error)
        else:
            await self._come.put(None)

    async def messages(self) -> AsyncGenerator[bytes]:
        while (message := await self._come.get()) is not None:
            if isinstance(message, BaseException):
                raise message
            yield message

    async def close(self) -> None:
        for task in self._tasks.values():
            await _end(task)


async def _end(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.wait([task])
