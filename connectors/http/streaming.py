"""Streams of a server: server-sent events and WebSockets, opened at the pace and through the guard of the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Container, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import httpx

from connectors.errors import InvalidResponse, Unavailable
from connectors.http.addresses import sendable, web_address
from connectors.http.events import MAX_EVENT, EventParser, EventTooLarge, ServerEvent
from connectors.http.failures import describe
from connectors.http.guard import Guard
from connectors.http.rate_limit import RateLimiter
from connectors.http.statuses import error_for, is_busy
from connectors.http.websocket import HandshakeRefused, WebSocket, open_websocket

MAX_SILENCE: Final = 45.0
"""Seconds without a byte of an event stream. Servers send a heartbeat two or three times in as long."""
EVENT_STREAM: Final = "text/event-stream"
INVALID: Final = "Invalid HTTP response: {} does not speak HTTP, or its name is invalid."


class Streaming:
    """The streams of `Http`, which sets these attributes."""

    _client: httpx.AsyncClient
    _guard: Guard
    _deadline: float
    _rate_limiter: RateLimiter
    _user_agent: str

    async def events(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        last_id: str = "",
        silence: float = MAX_SILENCE,
        opened: Callable[[], object] = object,
    ) -> AsyncGenerator[ServerEvent]:
        """Yield server-sent events as they come, until the server ends the stream.

        `last_id` is the id of the last event that was handled. `silence` is how many seconds may pass without a byte.
        `opened` is called once the server has begun the stream, which may be long before its first event. Redirects
        are not followed. Raises Forbidden, NotFound, RateLimited, Unavailable and InvalidResponse.
        """
        address = web_address(url)
        host = address.netloc.decode()
        sent = {**sendable(headers or {}), "Accept": EVENT_STREAM, "Accept-Encoding": "identity"}
        if last_id:
            sent |= sendable({"Last-Event-ID": last_id})
        try:
            async with AsyncExitStack() as stack:
                reply = await self._open_events(stack, address, sent, silence)
                opened()
                parser = EventParser(last_id)
                async for piece in reply.aiter_raw():
                    for event in parser.feed(piece):
                        yield event
        except EventTooLarge as error:
            raise InvalidResponse(f"Event of more than {MAX_EVENT // 1024} kB from {host}.") from error
        except TimeoutError as slow:
            raise Unavailable(f"Request timed out: {host} took too long to answer.") from slow
        except httpx.TimeoutException as slow:
            raise Unavailable(f"{host} sent nothing for {silence:g} seconds.") from slow
        except httpx.RequestError as failure:
            raise Unavailable(describe(failure, host)) from failure
        except (httpx.InvalidURL, ValueError) as odd:  # a name without an encoding, or an invalid reply
            raise InvalidResponse(INVALID.format(host)) from odd

    @asynccontextmanager
    async def websocket(
        self, url: str, *, headers: Mapping[str, str] | None = None, silence: float | None = None
    ) -> AsyncIterator[WebSocket]:
        """A WebSocket (`ws:` or `wss:`), open within this context.

        `silence` is how many seconds may pass without a message; without it, only a connection that answers no ping
        is given up. Redirects are not followed. Raises Forbidden, NotFound, RateLimited, Unavailable and
        InvalidResponse.
        """
        address = web_address(url, schemes=("ws", "wss"))
        host = address.netloc.decode()
        sent = {"User-Agent": self._user_agent, **sendable(headers or {})}
        try:
            async with self._rate_limiter.acquire(host):
                connection = await open_websocket(self._guard, address, sent)
        except HandshakeRefused as refused:
            self._check(host, address.path, refused.status, refused.headers)
            raise InvalidResponse(f"{host} answers with something that is not a WebSocket.") from refused
        socket = WebSocket(connection, host, silence)
        try:
            yield socket
        finally:
            await socket.close()

    async def _open_events(
        self, stack: AsyncExitStack, address: httpx.URL, headers: Mapping[str, str], silence: float
    ) -> httpx.Response:
        """The reply, open in `stack`. It takes one of the host's places only until it has begun."""
        host = address.netloc.decode()
        timeout = httpx.Timeout(silence, connect=10.0)
        async with self._rate_limiter.acquire(host), asyncio.timeout(self._deadline):
            opening = self._client.stream("GET", address, headers=headers, timeout=timeout)
            reply = await stack.enter_async_context(opening)
        self._check(host, address.path, reply.status_code, reply.headers)
        if reply.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise InvalidResponse(f"Unexpected Content-Encoding from {host}: it was asked for none.")
        if reply.headers.get("content-type", "").partition(";")[0].strip().lower() != EVENT_STREAM:
            raise InvalidResponse(f"Unexpected Content-Type from {host}: not an event stream.")
        return reply

    def _check(
        self,
        host: str,
        path: str,
        status: int,
        headers: httpx.Headers,
        *,
        is_own: bool = True,
        may_be: Container[int] = (),
    ) -> None:
        """Raises what a status means that is neither 2xx nor one of `may_be`."""
        busy = is_busy(status, headers)
        pause = self._rate_limiter.update(host, headers, refused=busy)
        if busy:
            raise self._rate_limiter.limited(f"Rate limited ({status}) by {host}", pause)
        if not httpx.codes.is_success(status) and status not in may_be:
            raise error_for(host, path, status, is_own=is_own)
