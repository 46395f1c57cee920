"""A uvicorn with our protocol classes on loopback, in a thread, and raw sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from web.connections import Connections
from web.limits import Limits
from web.server import protocols

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass
class RawServer:
    port: int
    server: uvicorn.Server

    async def connect(self, data: bytes = b"", *, small: bool = False) -> socket.socket:
        """A connection that has sent `data`; with a `small` buffer it accepts little that it does not read."""
        sock = socket.socket()
        if small:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, ("127.0.0.1", self.port))
        await loop.sock_sendall(sock, data)
        return sock

    async def ask(self, data: bytes) -> bytes:
        """The server's whole answer to `data` until it closes."""
        with await self.connect(data) as sock:
            return await everything(sock)

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)


async def everything(sock: socket.socket) -> bytes:
    """All bytes until the other end closes, which must be within five seconds."""
    said = b""
    async with asyncio.timeout(30):
        with suppress(ConnectionError):
            while part := await asyncio.get_running_loop().sock_recv(sock, 65536):
                said += part
    return said


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def raw_server(
    app: ASGIApp, limits: Limits, connections: Connections | None = None, loop: Any = "uvloop"
) -> AsyncIterator[RawServer]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        bounds = protocols(limits, connections)
        config = uvicorn.Config(app, loop=loop, log_config=None, lifespan="off", timeout_graceful_shutdown=1, **bounds)
        server = uvicorn.Server(config)
        task = asyncio.create_task(asyncio.to_thread(server.run, [listener]))
        await until(lambda: server.started)
        try:
            yield RawServer(listener.getsockname()[1], server)
        finally:
            server.should_exit = server.force_exit = True
            await task
