"""A WebSocket to another server, opened through the guard and bounded in message size and idle time (RFC 6455)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any, Final

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException
from websockets.frames import CloseCode

from connectors.errors import InvalidResponse, Unavailable
from connectors.http.guard import PORTS, Guard

OPEN_TIMEOUT: Final = 15.0
"""Seconds for TCP, TLS and the handshake together."""
CLOSE_TIMEOUT: Final = 2.0
SEND_TIMEOUT: Final = 10.0
PINGS: Final = (15.0, 20.0)
"""Seconds between two pings, and for the answer: a dead line is noticed 35 seconds after its last sign of life."""
MAX_MESSAGE: Final = 1024 * 1024
"""Bytes of one message."""
MAX_WAITING: Final = 64
"""Buffered messages; beyond that TCP makes the server wait."""


class HandshakeRefused(Exception):
    """The server refused the handshake with this HTTP status; `headers` may say how long to wait."""

    def __init__(self, status: int, headers: httpx.Headers) -> None:
        super().__init__(status)
        self.status, self.headers = status, headers


class _Connect(connect):
    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow no redirect: the next server would have to pass the guard, and must not get the credentials."""
        return exc


class WebSocket:
    """An open connection. `silence` is the longest time without a message, in seconds; None leaves it to the pings."""

    def __init__(self, connection: ClientConnection, host: str, silence: float | None = None) -> None:
        self._connection, self._host, self._silence = connection, host, silence

    async def send(self, message: str) -> None:
        """Send one message. Raises Unavailable, also if the server does not read it."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._connection.send(message)
        except (TimeoutError, ConnectionClosed) as error:
            raise Unavailable(f"Connection closed: {self._host} does not take our messages.") from error

    async def messages(self) -> AsyncGenerator[str | bytes]:
        """Yield each message, until the server closes the connection in an orderly way.

        Raises Unavailable, also for a connection that answers no ping, and InvalidResponse.
        """
        try:
            while True:
                async with asyncio.timeout(self._silence):
                    message = await self._connection.recv()
                yield message
        except TimeoutError as error:
            raise Unavailable(
                f"Connection timed out: {self._host} sent nothing for {self._silence:g} seconds."
            ) from error
        except ConnectionClosed as closed:
            reason = self._reason(closed)
            if reason is not None:
                raise reason from closed

    def _reason(self, closed: ConnectionClosed) -> Unavailable | InvalidResponse | None:
        """The error that a close means; None if it is an orderly one (RFC 6455, 7.4.1)."""
        ours, theirs = closed.sent, closed.rcvd
        if ours is not None and ours.code == CloseCode.MESSAGE_TOO_BIG:
            return InvalidResponse(f"Message too large: {self._host} sent more than {MAX_MESSAGE // 1024} kB.")
        if ours is not None and theirs is None and ours.code == CloseCode.INTERNAL_ERROR:
            return Unavailable(f"Connection timed out: {self._host} answers no ping.")
        code = theirs.code if theirs else None
        if code in (CloseCode.NORMAL_CLOSURE, CloseCode.GOING_AWAY):
            return None
        return Unavailable(f"Connection closed by {self._host} ({code or 'without a close frame'}).")

    async def close(self) -> None:
        """Close it; a server that does not answer is waited for CLOSE_TIMEOUT seconds."""
        with suppress(OSError, WebSocketException, TimeoutError):
            await self._connection.close()


async def open_websocket(
    guard: Guard, url: httpx.URL, headers: Mapping[str, str], *, pings: tuple[float, float] = PINGS
) -> ClientConnection:
    """Raises HandshakeRefused, Forbidden, Unavailable and InvalidResponse."""
    host, name = url.netloc.decode(), url.raw_host.decode("ascii")
    try:
        async with asyncio.timeout(OPEN_TIMEOUT):
            sock = await _connected(guard, name, url.port or PORTS[url.scheme])
            options: dict[str, Any] = {"server_hostname": name} if url.scheme == "wss" else {}
            return await _Connect(
                str(url),
                sock=sock,
                additional_headers=dict(headers),
                user_agent_header=None,
                max_size=MAX_MESSAGE,
                max_queue=MAX_WAITING,
                ping_interval=pings[0],
                ping_timeout=pings[1],
                open_timeout=None,
                close_timeout=CLOSE_TIMEOUT,
                proxy=None,
                **options,
            )
    except InvalidStatus as answer:
        received = answer.response
        raise HandshakeRefused(received.status_code, httpx.Headers(list(received.headers.raw_items()))) from answer
    except TimeoutError as slow:
        raise Unavailable(f"Connection timed out: {host} took too long to answer.") from slow
    except InvalidHandshake as odd:
        raise InvalidResponse(f"Invalid WebSocket handshake: {host} answers with something else.") from odd
    except (OSError, WebSocketException) as failure:
        raise Unavailable(f"Connection failed: {host} can't be reached.") from failure


async def _connected(guard: Guard, host: str, port: int) -> socket.socket:
    """A socket to the first allowed address that answers; each attempt but the last gets a share of the time.

    Raises Forbidden and OSError.
    """
    *others, last = await guard.addresses(host, port)
    for address in others:
        with suppress(OSError):  # TimeoutError is one
            async with asyncio.timeout(OPEN_TIMEOUT / (len(others) + 1)):
                return await _connect(address, port)
    return await _connect(last, port)


async def _connect(address: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(0)
    try:
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:
        sock.close()
        raise
    return sock
