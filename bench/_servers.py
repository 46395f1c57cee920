"""The servers of the fan-out, each a function in a separate process: ours, the baseline loop, bare sends.

Each sends its port and path through its pipe, publishes on command, and reports the cost.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI, WebSocket
from starlette.websockets import WebSocketDisconnect

from aggregator.channel.fanout import Fanout
from aggregator.channel.frames import framed
from aggregator.channel.hub import Hub
from aggregator.channel.publish import Draft, open_channel, publish
from aggregator.channel.read import Batch
from aggregator.channel.tables import Record
from aggregator.migrations import open_store
from aggregator.store.store import Store
from bench._load import Load, paced, record_body
from web.api import live
from web.api.sockets import Channels
from web.websocket import LiveProtocol

SETTLE = 0.5
"""Seconds for the last records to leave, within the measured time."""


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def memory() -> int:
    """Resident memory now, in kB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def listening() -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    sock.listen(2048)
    return sock


async def drive(pipe: Connection, load: Load, say: Callable[[int], Any]) -> None:
    """Publish on command, and report the processor time."""
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, pipe.recv):
        before, kb = cpu(), memory()
        await paced(load, say)
        await asyncio.sleep(SETTLE)
        pipe.send((cpu() - before, memory() - kb))
    os._exit(0)


class Memory:
    """A hub whose channel is a list: fan-out only, as the two references have no store either."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.spread = Fanout(self.load, "bench", 0)

    async def load(self, seq: int, limit: int) -> Batch:
        return Batch("bench", len(self.records), tuple(self.records[seq : seq + limit]))

    async def fanout(self, channel_id: str) -> Fanout:
        del channel_id  # there is only one
        return self.spread

    async def say(self, body: bytes) -> None:
        seq = len(self.records) + 1
        self.records.append(Record(channel_id="c", kind="post", key=f"k{seq}", seq=seq, at=seq, body=body))
        self.spread.changed.set()


def ours(pipe: Connection, load: Load) -> None:
    """Backchannel's own fan-out, frames and WebSocket class."""

    async def main() -> None:
        memory = Memory()
        running = asyncio.create_task(memory.spread.run())

        async def say(_n: int) -> None:
            await memory.say(record_body(load.size))

        await serve_live(pipe, load, memory, say)
        running.cancel()

    uvloop.run(main())


def stored(pipe: Connection, load: Load) -> None:
    """The same with the store: each record is published in a transaction of its own, and read back."""

    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = Store(f"sqlite:///{folder}/bench.db")
            await open_store(store)
            async with store.write() as db:
                await open_channel(db, "bench/wall")
            hub = Hub(store)
            hub.start()

            async def say(n: int) -> None:
                async with store.write() as db:
                    await publish(db, "bench/wall", [Draft("post", f"k{n}", n, record_body(load.size))])

            await serve_live(pipe, load, hub, say)

    uvloop.run(main())


async def serve_live(pipe: Connection, load: Load, hub: Channels, say: Callable[[int], Any]) -> None:
    app = FastAPI()
    app.include_router(live.router(hub))
    sock = listening()
    config = uvicorn.Config(
        app, ws=LiveProtocol, log_config=None, access_log=False, lifespan="off", ws_per_message_deflate=False
    )
    pipe.send((sock.getsockname()[1], "/api/walls/bench/live"))
    serving = asyncio.create_task(uvicorn.Server(config).serve([sock]))
    await drive(pipe, load, say)
    await serving


def baseline(pipe: Connection, load: Load) -> None:
    """The baseline: `for ws in clients: await ws.send_text(json.dumps(…))` on uvicorn with its defaults.

    Readers that offer compression, as every browser does, get it: uvicorn's default.
    """
    app = FastAPI()
    clients: list[WebSocket] = []

    @app.websocket("/live")
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        clients.append(websocket)
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            clients.remove(websocket)

    async def say(n: int) -> None:
        text = json.dumps({"seq": n, "body": json.loads(record_body(load.size))})
        for client in clients:
            await client.send_text(text)

    async def main() -> None:
        sock = listening()
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        pipe.send((sock.getsockname()[1], "/live"))
        serving = asyncio.create_task(uvicorn.Server(config).serve([sock]))
        await drive(pipe, load, say)
        await serving

    uvloop.run(main())


def bare(pipe: Connection, load: Load) -> None:
    """The floor: the same bytes to the same number of sockets by `socket.send`, and nothing else."""
    sock = listening()
    pipe.send((sock.getsockname()[1], ""))
    peers: list[socket.socket] = []

    async def say(n: int) -> None:
        wire = framed(
            b'{"epoch":"%s","from":%d,"to":%d,"records":[%s]}' % (b"e" * 12, n, n + 1, record_body(load.size))
        )
        for peer in peers:
            peer.send(wire)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        sock.setblocking(False)

        async def accept() -> None:
            while True:
                peer, _ = await loop.sock_accept(sock)
                peers.append(peer)

        accepting = asyncio.create_task(accept())
        await drive(pipe, load, say)
        await accepting

    uvloop.run(main())
