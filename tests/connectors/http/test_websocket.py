"""WebSockets to other servers, against a real one on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from connectors.errors import Forbidden, InvalidResponse, Unavailable
from connectors.http.guard import Guard
from connectors.http.websocket import MAX_MESSAGE, HandshakeRefused, WebSocket, open_websocket

OURS = Guard(["127.0.0.1"])


@asynccontextmanager
async def serving(handle: Callable[[ServerConnection], Awaitable[None]], **more: Any) -> AsyncIterator[str]:
    async with serve(handle, "127.0.0.1", 0, **more) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/stream"


async def all_of(
    url: str, *, guard: Guard = OURS, silence: float | None = 20.0, say: str = "", **headers: str
) -> list[str | bytes]:
    socket = WebSocket(await open_websocket(guard, httpx.URL(url), headers), "127.0.0.1", silence)
    try:
        if say:
            await socket.send(say)
        return [message async for message in socket.messages()]
    finally:
        await socket.close()


async def test_messages_come_in_order_with_our_headers_until_the_server_says_goodbye() -> None:
    seen: list[str | None] = []

    async def handle(connection: ServerConnection) -> None:
        assert connection.request
        seen.append(connection.request.headers.get("Authorization"))
        await connection.send("one")
        await connection.send(b"two")

    async with serving(handle) as url:
        assert await all_of(url, Authorization="Bearer x") == ["one", b"two"]
    assert seen == ["Bearer x"]


async def test_message_of_ours_is_sent_and_not_to_a_closed_connection() -> None:
    async def echo(connection: ServerConnection) -> None:
        await connection.send(await connection.recv())

    async with serving(echo) as url:
        assert await all_of(url, say="subscribe") == ["subscribe"]
        socket = WebSocket(await open_websocket(OURS, httpx.URL(url), {}), "127.0.0.1")
        await socket.close()
        with pytest.raises(Unavailable, match="does not take our messages"):
            await socket.send("subscribe")


async def test_connection_that_answers_no_ping_is_given_up() -> None:
    """A line that is dead, and says nothing of it: a server that has stopped to read and to write."""
    ended = asyncio.Event()

    async def handle(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await ended.wait()

    async with serving(handle, ping_interval=None, close_timeout=0) as url:
        connection = await open_websocket(OURS, httpx.URL(url), {}, pings=(0.05, 0.05))
        with pytest.raises(Unavailable, match="answers no ping"):
            await anext(WebSocket(connection, "127.0.0.1").messages())
        ended.set()


async def test_private_server_that_nobody_has_listed_is_not_asked() -> None:
    async def handle(_: ServerConnection) -> None:
        raise AssertionError("it was asked")

    async with serving(handle) as url:
        with pytest.raises(Forbidden, match="private network"):
            await all_of(url, guard=Guard())


async def test_name_is_resolved_as_it_is_written_in_the_address() -> None:
    """Python's own encoding of names makes another host of this one."""
    asked: list[tuple[str, int]] = []

    async def names(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    with pytest.raises(Forbidden):
        await all_of("wss://straße.example/stream", guard=Guard(resolver=names))
    assert asked == [("xn--strae-oqa.example", 443)]


async def test_address_that_does_not_answer_is_followed_by_the_next() -> None:
    async def handle(connection: ServerConnection) -> None:
        await connection.send("here")

    async def names(_host: str, _port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    async with serving(handle) as url:
        there = url.replace("127.0.0.1", "hall.example")
        assert await all_of(there, guard=Guard(["hall.example"], names)) == ["here"]


async def test_server_that_sends_nothing_is_given_up() -> None:
    async def handle(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serving(handle) as url:
        with pytest.raises(Unavailable, match=r"sent nothing for 0\.1 seconds"):
            await all_of(url, silence=0.1)


async def test_message_that_is_too_large_is_refused() -> None:
    async def handle(connection: ServerConnection) -> None:
        await connection.send(b"x" * (MAX_MESSAGE + 1))
        await connection.wait_closed()

    async with serving(handle) as url:
        with pytest.raises(InvalidResponse, match="more than 1024 kB"):
            await all_of(url)


@pytest.mark.parametrize(("code", "said"), [(1011, "1011"), (4000, "4000")])
async def test_connection_that_the_server_ends_early_may_come_back(code: int, said: str) -> None:
    async def handle(connection: ServerConnection) -> None:
        await connection.send("one")
        await connection.close(code)

    async with serving(handle) as url:
        with pytest.raises(Unavailable, match=said):
            await all_of(url)


async def test_connection_that_breaks_may_come_back() -> None:
    async def handle(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with serving(handle) as url:
        with pytest.raises(Unavailable, match="without a close frame"):
            await all_of(url)


async def test_handshake_that_is_refused_tells_status_and_headers() -> None:
    def refuse(connection: ServerConnection, _: Request) -> Response:
        response = connection.respond(HTTPStatus.TOO_MANY_REQUESTS, "later")
        response.headers["Retry-After"] = "7"
        return response

    async def handle(_: ServerConnection) -> None:
        raise AssertionError("it was opened")

    async with serving(handle, process_request=refuse) as url:
        with pytest.raises(HandshakeRefused) as refused:
            await all_of(url)
    assert (refused.value.status, refused.value.headers["retry-after"]) == (429, "7")


async def test_redirect_is_not_followed() -> None:
    asked: list[str] = []

    async def handle(_: ServerConnection) -> None:
        raise AssertionError("it was opened")

    def redirect(connection: ServerConnection, request: Request) -> Response:
        asked.append(request.path)
        response = connection.respond(HTTPStatus.FOUND, "")
        response.headers["Location"] = "/elsewhere"
        return response

    async with serving(handle, process_request=redirect) as url:
        with pytest.raises(HandshakeRefused):
            await all_of(url)
    assert asked == ["/stream"]


async def test_what_is_no_websocket_is_told() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(InvalidResponse, match="Invalid WebSocket handshake"):
            await all_of(f"ws://127.0.0.1:{port}/")


async def test_server_that_is_not_there_is_unavailable() -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
    with pytest.raises(Unavailable, match="can't be reached"):
        await all_of(f"ws://127.0.0.1:{port}/")
