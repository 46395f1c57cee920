"""A wall over a real server and real sockets, and how a test listens to it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect

from aggregator.channel.hub import Hub
from aggregator.channel.publish import Draft, open_channel, publish
from aggregator.channel.queries import RecordQueries
from aggregator.store.store import Store
from web.api import live, records
from web.pages import notices
from web.throttle import Throttle

PATH = "/api/walls/a/live"


@dataclass
class Served:
    """A server with one wall, `a`, on which tests publish records."""

    port: int
    hub: Hub
    store: Store
    server: uvicorn.Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, query: str = "") -> connect:
        return connect(f"ws://127.0.0.1:{self.port}{PATH}{query}", max_size=None)

    async def say(self, key: str, body: bytes | None = b"{}") -> None:
        async with self.store.write() as db:
            await publish(db, "a/wall", [Draft("post", key, 0, body)])

    async def place(self) -> str:
        line = await self.hub.fanout("a/wall")
        return f"?epoch={line.epoch}&since={line.head}"


@asynccontextmanager
async def serving(
    store: Store, protocol: type[asyncio.Protocol], throttle: Throttle | None = None
) -> AsyncIterator[Served]:
    async with store.write() as db:
        await open_channel(db, "a/wall")
    hub = Hub(store)
    hub.start()
    app = FastAPI()
    app.include_router(live.router(hub, throttle))
    app.include_router(records.router(RecordQueries(store), throttle))
    notices.install(app, None)
    async with running(app, protocol) as (server, port):
        try:
            yield Served(port, hub, store, server)
        finally:
            hub.release()
    await hub.stop()


@asynccontextmanager
async def running(app: FastAPI, protocol: type[asyncio.Protocol]) -> AsyncIterator[tuple[uvicorn.Server, int]]:
    """A server of this application, and its port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, ws=protocol, log_config=None, lifespan="off", ws_per_message_deflate=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server, listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listener.close()


async def hear(connection: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(30):
        frame: dict[str, Any] = json.loads(await connection.recv())
        return frame


def keys(frame: dict[str, Any]) -> list[str]:
    return [record["key"] for record in frame["records"]]


async def events(served: Served, query: str, count: int, headers: dict[str, str] | None = None) -> list[Any]:
    """The first events of a stream with data, as (id, data)."""
    seen: list[tuple[str, dict[str, Any]]] = []
    async with (
        asyncio.timeout(30),
        httpx.AsyncClient(base_url=served.url) as client,
        client.stream("GET", PATH + query, headers={"Accept": "text/event-stream", **(headers or {})}) as reply,
    ):
        assert reply.headers["content-type"].startswith("text/event-stream")
        name = ""
        async for text in reply.aiter_lines():
            if text.startswith("id: "):
                name = text[4:]
            elif text.startswith("data: "):
                seen += [(name, data)] if (data := json.loads(text[6:])) != heartbeat(data) else []
                if len(seen) == count:
                    break
    return seen


def heartbeat(frame: dict[str, Any]) -> dict[str, Any]:
    """The heartbeat frame at this position."""
    return {"epoch": frame["epoch"], "from": frame.get("to"), "to": frame.get("to"), "records": []}
