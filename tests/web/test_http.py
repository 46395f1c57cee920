"""Limits on one HTTP connection: slow, endless and numerous requests, and replies that aren't read."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fakes.raw_server import GET, UPGRADE, RawServer, everything, raw_server, until
from web.connections import Connections
from web.limits import Limits

SHORT = Limits(
    header_seconds=0.3,
    body_seconds=0.3,
    write_seconds=0.3,
    handshake_seconds=0.3,
    linger_seconds=0.1,
    body_bytes=50_000,
)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """`/` says “ok”, `/body` says how long its body was, `/large` 3 MB, `/slow` nothing for a while."""
    size = 2
    if scope["path"] == "/slow":
        await asyncio.sleep(1.2)
    if scope["path"] == "/body":
        size = 0
        while (message := await receive()).get("more_body"):
            size += len(message["body"])
    body = b"x" * 3_000_000 if scope["path"] == "/large" else b"ok"
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(params=["uvloop", "asyncio"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[RawServer]:
    """On the event loop that we run it on, and on the one that others may."""
    async with raw_server(app, SHORT, loop=request.param) as server:
        yield server


def status(reply: bytes) -> str:
    return reply[9:12].decode()


async def test_connection_that_says_nothing_is_closed(server: RawServer) -> None:
    assert await server.ask(b"") == b""
    await until(lambda: server.connections == 0)


@pytest.mark.parametrize("begun", [b"G", GET, GET + b"X-Long: a"])
async def test_header_that_never_ends_is_let_go(server: RawServer, begun: bytes) -> None:
    assert status(await server.ask(begun)) == "408"


async def dripped(sock: socket.socket) -> bytes:
    """What comes back while a byte is sent now and then, until the server has closed."""
    reading = asyncio.create_task(everything(sock))
    for _ in range(8):
        await asyncio.sleep(0.1)
        if reading.done():
            break
        with suppress(ConnectionError):  # it may close at this very moment
            sock.send(b"a")
    return await reading


async def test_header_that_drips_has_no_more_time(server: RawServer) -> None:
    sock = await server.connect(GET)
    with sock:
        assert status(await dripped(sock)) == "408"


@pytest.mark.parametrize(("between", "refusal"), [(b"\r\n", ""), (GET, "408")])
async def test_second_request_has_its_time_too(server: RawServer, between: bytes, refusal: str) -> None:
    with await server.connect(GET + b"\r\n") as sock:
        loop = asyncio.get_running_loop()
        said = b""
        while not said.endswith(b"ok"):
            said += await loop.sock_recv(sock, 65536)
        await loop.sock_sendall(sock, between)
        assert status(await everything(sock)) == refusal


async def test_body_that_never_comes_is_let_go(server: RawServer) -> None:
    assert await server.ask(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc") == b""


async def test_trailer_that_does_not_end_is_refused(server: RawServer) -> None:
    begun = b"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: "
    with capture_logs() as logs:
        assert await server.ask(begun + b"a" * 3 * SHORT.header_bytes) == b""
    assert [entry["status"] for entry in logs if entry["event"] == "connection refused"] == [431]
    await until(lambda: server.connections == 0)


async def test_body_that_drips_after_the_reply_is_let_go(server: RawServer) -> None:
    sock = await server.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n")
    with sock:
        assert status(await dripped(sock)) == "200"


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (GET + b"X-Long: " + b"a" * 40_000 + b"\r\n\r\n", "431"),
        (GET + b"X: y\r\n" * 120 + b"\r\n", "431"),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", "414"),
        (UPGRADE[:-2] + b"X-Long: " + b"a" * 40_000 + b"\r\n\r\n", "431"),
        (UPGRADE[:-2] + b"X: y\r\n" * 120 + b"\r\n", "431"),
        (b"HELLO\x00\r\n\r\n", "400"),
    ],
)
async def test_request_over_a_bound_is_refused(server: RawServer, request_: bytes, refusal: str) -> None:
    reply = await server.ask(request_)
    assert (status(reply), reply.count(b"HTTP/1.1 ")) == (refusal, 1)
    assert b"connection: close" in reply.lower()


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n", "400"),
        (b"GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n", "400"),
        (b"GET /w/hall/?\xff HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
        (b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
        (b"GET / HTTP/1.0\r\n\r\n", "200"),
        (b"GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "200"),
    ],
)
async def test_request_says_once_for_which_host_it_is_and_asks_in_ascii(
    server: RawServer, request_: bytes, answer: str
) -> None:
    reply = await server.ask(request_)
    assert (status(reply), reply.count(b"HTTP/1.1 ")) == (answer, 1)


async def test_header_in_many_pieces_is_counted_together(server: RawServer) -> None:
    sock = await server.connect(GET + b"X-Long: ")
    await until(lambda: server.connections == 1)
    sent = 0
    while sent < 200_000 and server.connections:
        try:
            sent += sock.send(b"a" * 1000)
        except (BlockingIOError, ConnectionError):
            break
        await asyncio.sleep(0)
    assert status(await everything(sock)) == "431"
    sock.close()


async def test_many_requests_in_one_piece_are_answered(server: RawServer) -> None:
    request_ = GET + b"X: " + b"a" * 2000 + b"\r\n\r\n"
    reply = await server.ask(request_ * 9 + GET + b"Connection: close\r\n\r\n")
    assert reply.count(b"HTTP/1.1 200 OK") == 10


async def test_large_body_before_another_request_is_not_counted_as_header(server: RawServer) -> None:
    body = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 49000\r\n\r\n" + b"b" * 49_000
    reply = await server.ask(body + GET + b"Connection: close\r\n\r\n")
    assert reply.count(b"HTTP/1.1 200 OK") == 2


async def test_body_over_its_bound_is_closed(server: RawServer) -> None:
    reply = await server.ask(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + b"b" * 200_000)
    assert reply == b""


async def test_hundreds_of_requests_at_once_are_not_kept(server: RawServer) -> None:
    reply = await server.ask(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" * 400)
    assert reply.count(b"HTTP/1.1 200 OK") <= 1
    await until(lambda: server.connections == 0)


async def test_reply_that_is_not_read_is_aborted(server: RawServer) -> None:
    sock = await server.connect(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n", small=True)
    await until(lambda: server.connections == 1)
    await until(lambda: server.connections == 0, 2)
    sock.close()


async def test_reply_that_is_taken_slowly_arrives_whole(server: RawServer) -> None:
    sock = await server.connect(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", small=True)
    loop, taken = asyncio.get_running_loop(), 0
    while part := await loop.sock_recv(sock, 400_000):
        taken += len(part)
        await asyncio.sleep(0.002)
    assert taken > 3_000_000
    sock.close()


async def test_handshake_that_websockets_cannot_read_is_let_go(server: RawServer) -> None:
    assert status(await server.ask(UPGRADE.replace(b"GET", b"POST", 1))) == "405"
    await until(lambda: server.connections == 0)


# --- connections ------------------------------------------------------------------------------------------------


async def test_connection_over_the_total_is_refused_at_once() -> None:
    connections = Connections(total=2, per_address=9)
    async with raw_server(app, SHORT, connections) as server:
        first, second = await server.connect(), await server.connect()
        await until(lambda: connections.open == 2)
        reply = await server.ask(GET + b"\r\n")
        assert (status(reply), b"Retry-After: 5" in reply) == ("503", True)
        first.close()
        second.close()
        await until(lambda: connections.open == 0)
        assert status(await server.ask(GET + b"Connection: close\r\n\r\n")) == "200"


async def test_web_socket_is_counted_until_it_is_gone() -> None:
    async def accepting(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    connections = Connections(total=9, per_address=9)
    async with raw_server(accepting, SHORT, connections) as server:
        sock = await server.connect(UPGRADE)
        assert b"101" in await asyncio.get_running_loop().sock_recv(sock, 4096)
        assert connections.open == 1
        sock.close()
        await until(lambda: connections.open == 0)
