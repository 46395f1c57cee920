"""Limits on the peer of a WebSocket: reading nothing, sending nothing, sending too much. Over raw sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from aggregator.channel.frames import framed
from tests.fakes.raw_server import UPGRADE, RawServer, everything, raw_server, until
from web.limits import Limits
from web.websocket import HIGH_WATER, transport_of

LIMITS = Limits(write_seconds=0.6, handshake_seconds=0.3, frames_per_second=50)
MASK = b"\0\0\0\0"
PING = bytes((0x89, 0x80 | 125)) + MASK + b"p" * 125
TEXT = bytes((0x81, 0x80 | 2)) + MASK + b"hi"


class App:
    """Accepts each WebSocket after `delay` and writes `frames` to its transport, as long as the reader takes them."""

    def __init__(self, frames: int = 0, delay: float = 0, pause: float = 0) -> None:
        self.frames, self.delay, self.pause = frames, delay, pause
        self.backlog: Callable[[], int] = lambda: 0
        self.buffered: list[int] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await asyncio.sleep(self.delay)
        await send({"type": "websocket.accept"})
        transport = transport_of(scope)
        assert transport is not None
        reader = transport.attach()
        for _ in range(self.frames):
            if not reader.full:
                reader.write(framed(b"x" * 30_000))
            await asyncio.sleep(self.pause)
        self.buffered.append(self.backlog())
        while (await receive())["type"] != "websocket.disconnect":
            pass


@pytest.fixture(params=["uvloop", "asyncio"])
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def stalled(loop: str) -> AsyncIterator[tuple[App, RawServer]]:
    app = App(frames=200)
    async with raw_server(app, LIMITS, loop=loop) as server:
        app.backlog = partial(backlog, server)
        yield app, server


def backlog(server: RawServer) -> int:
    """The bytes that wait for the only reader."""
    (protocol,) = server.server.server_state.connections
    return int(protocol.transport.get_write_buffer_size())


async def opened(server: RawServer, more: bytes = b"", *, small: bool = False) -> Any:
    sock = await server.connect(UPGRADE, small=small)
    said = b""
    while b"\r\n\r\n" not in said:
        said += await asyncio.get_running_loop().sock_recv(sock, 1)
    assert said.startswith(b"HTTP/1.1 101 ")
    await asyncio.get_running_loop().sock_sendall(sock, more)
    return sock


async def test_reader_that_takes_nothing_is_let_go(stalled: tuple[App, RawServer]) -> None:
    app, server = stalled
    sock = await opened(server, small=True)
    await until(lambda: bool(app.buffered))
    assert 0 < app.buffered[0] <= HIGH_WATER + 30_010
    await until(lambda: server.connections == 0, 2)
    sock.close()


async def test_reader_that_takes_slowly_stays(loop: str) -> None:
    """Its buffer is sometimes full, and drains each time."""
    app = App(frames=400, pause=0.005)
    async with raw_server(app, LIMITS, loop=loop) as server:
        with await opened(server) as sock:
            taken = 0
            for _ in range(24):
                await asyncio.sleep(0.05)
                taken += len(await asyncio.get_running_loop().sock_recv(sock, 100_000))
            assert (server.connections, taken > 1_000_000) == (1, True)


async def test_pings_of_a_reader_that_takes_nothing_add_nothing(stalled: tuple[App, RawServer]) -> None:
    app, server = stalled
    sock = await opened(server, small=True)
    await until(lambda: bool(app.buffered))
    await asyncio.get_running_loop().sock_sendall(sock, PING * 40)
    await asyncio.sleep(0.1)
    assert backlog(server) <= app.buffered[0]
    sock.close()


async def test_reader_that_answers_no_ping_is_let_go(loop: str) -> None:
    async with raw_server(App(), replace(LIMITS, ping_seconds=0.1), loop=loop) as server:
        sock = await opened(server)
        assert (await everything(sock))[:1] == b"\x89"
        await until(lambda: server.connections == 0)
        sock.close()


@pytest.mark.parametrize("frame", [PING, TEXT])
async def test_reader_that_sends_too_much_is_closed(loop: str, frame: bytes) -> None:
    async with raw_server(App(), LIMITS, loop=loop) as server:
        sock = await opened(server, frame * 60)
        said = await everything(sock)
        assert b"\x88\x14\x03\xf0Too many messages." in said
        await until(lambda: server.connections == 0)
        sock.close()


async def test_reader_may_say_a_little_each_second(loop: str) -> None:
    async with raw_server(App(), LIMITS, loop=loop) as server:
        sock = await opened(server)
        for _ in range(3):
            await asyncio.get_running_loop().sock_sendall(sock, PING * 20)
            await asyncio.sleep(0.6)
        assert server.connections == 1
        sock.close()


async def test_message_over_its_bound_is_answered_with_1009(loop: str) -> None:
    async with raw_server(App(), LIMITS, loop=loop) as server:
        sock = await opened(server, bytes((0x82, 0x80 | 127)) + (1 << 20).to_bytes(8, "big") + MASK)
        assert (await everything(sock))[2:4] == (1009).to_bytes(2, "big")
        sock.close()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (bytes((0x82, 0x80 | 127)) + (2**62).to_bytes(8, "big") + MASK, 1009),  # longer than any memory
        (bytes((0x81, 2)) + b"hi", 1002),  # without a mask
        (bytes((0xC1, 0x80 | 2)) + MASK + b"hi", 1002),  # reserved bits
        (bytes((0x83, 0x80 | 2)) + MASK + b"hi", 1002),  # no such opcode
        (bytes((0x80, 0x80 | 2)) + MASK + b"hi", 1002),  # goes on with what never began
        (bytes((0x09, 0x80)) + MASK, 1002),  # a ping in parts
        (bytes((0x88, 0x80 | 1)) + MASK + b"x", 1002),  # half a code
        (bytes((0x88, 0x80 | 3)) + MASK + b"\x03\xe8\xff", 1007),  # a reason that is not UTF-8
        (bytes((0x81, 0x80 | 2)) + MASK + b"\xff\xff", 1007),  # text that is not UTF-8
    ],
)
async def test_invalid_frame_is_closed_with_a_code_and_no_reason(loop: str, frame: bytes, code: int) -> None:
    async with raw_server(App(), LIMITS, loop=loop) as server:
        with await opened(server, frame) as sock:
            assert await everything(sock) == b"\x88\x02" + code.to_bytes(2, "big")


async def test_handshake_that_the_application_never_answers_is_let_go(loop: str) -> None:
    async with raw_server(App(delay=3), LIMITS, loop=loop) as server:
        sock = await server.connect(UPGRADE)
        assert await everything(sock) == b""
        await until(lambda: server.connections == 0)
        sock.close()
