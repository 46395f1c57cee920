"""Fan-out: what one delivered record costs the server, beside the usual FastAPI loop and a bare loop of socket.send.

Three servers run in turn, round after round, in processes of their own; 1,000 readers sit in a fourth. Each figure is
the server's processor time (user and system) for delivering, divided by the records that were delivered.
`python -m bench.fanout --help` has the sizes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing as mp
import os
import resource
import selectors
import socket
import statistics
import struct
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI, WebSocket
from starlette.websockets import WebSocketDisconnect

from aggregator.channel.frames import framed
from aggregator.channel.hub import Hub
from aggregator.channel.line import Line
from aggregator.channel.publish import Draft, open_channel, publish
from aggregator.channel.read import Batch
from aggregator.channel.tables import Record
from aggregator.store import Store
from web import live
from web.socket import LiveProtocol

STAMP = b'"stamp":'
SETTLE = 0.5


def record_body(size: int) -> bytes:
    """A post of about `size` bytes, with the moment of its publication in it."""
    words = "Say it with #socitm09. " * (size // 23 + 1)
    stamp = time.monotonic_ns()
    return b'{"stamp":%d,"html":"<p>%s</p>"}' % (stamp, words[:size].encode())


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def memory() -> int:
    """Resident memory now, in kB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


@dataclass
class Load:
    """`records` at `rate` a second, each of about `size` bytes."""

    records: int
    rate: float
    size: int


async def paced(load: Load, say: Callable[[int], Any]) -> None:
    start = time.monotonic()
    for n in range(load.records):
        await asyncio.sleep(max(0.0, start + n / load.rate - time.monotonic()))
        await say(n)


# --- the three servers ------------------------------------------------------------------------------------------


def listening() -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    sock.listen(2048)
    return sock


async def drive(pipe: Connection, load: Load, say: Callable[[int], Any]) -> None:
    """Publish when told, and report the processor time that it took."""
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, pipe.recv):
        before, kb = cpu(), memory()
        await paced(load, say)
        await asyncio.sleep(SETTLE)
        pipe.send((cpu() - before, memory() - kb))
    os._exit(0)


class Memory:
    """A hub whose channel is a list: the spreading alone, as the two references have no store either."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.spread = Line(self.load, "bench", 0)

    async def load(self, seq: int, limit: int) -> Batch:
        return Batch("bench", len(self.records), tuple(self.records[seq : seq + limit]))

    async def line(self, _channel: str) -> Line:
        return self.spread

    async def say(self, body: bytes) -> None:
        seq = len(self.records) + 1
        self.records.append(Record(channel_id="c", kind="post", key=f"k{seq}", seq=seq, at=seq, body=body))
        self.spread.moved.set()


def ours(pipe: Connection, load: Load) -> None:
    """Backchannel's own line, frames and WebSocket class."""

    async def main() -> None:
        memory = Memory()
        running = asyncio.create_task(memory.spread.run())

        async def say(_n: int) -> None:
            await memory.say(record_body(load.size))

        await serve_live(pipe, load, memory, say)
        running.cancel()

    uvloop.run(main())


def stored(pipe: Connection, load: Load) -> None:
    """The same with all that belongs to it: each record published in a transaction of its own, and read back."""

    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = Store(f"sqlite:///{folder}/bench.db")
            await store.open()
            async with store.write() as session:
                await open_channel(session, "bench/wall")
            hub = Hub(store)
            hub.start()

            async def say(n: int) -> None:
                async with store.write() as session:
                    await publish(session, "bench/wall", [Draft("post", f"k{n}", n, record_body(load.size))])

            await serve_live(pipe, load, hub, say)

    uvloop.run(main())


async def serve_live(pipe: Connection, load: Load, hub: Any, say: Callable[[int], Any]) -> None:
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


def usual(pipe: Connection, load: Load) -> None:
    """What most projects have: `for ws in clients: await ws.send_text(json.dumps(…))` on uvicorn as it comes.

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


# --- the readers ------------------------------------------------------------------------------------------------


class Crowd:
    """Many readers in one process, with one selector: they count their bytes and time a sample of the frames."""

    def __init__(self, port: int, path: str, readers: int, *, stalled: int = 0, deflate: bool = False) -> None:
        self.selector = selectors.DefaultSelector()
        self.offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else ""
        self.stalled = [self._connect(port, path, small=True) for _ in range(stalled)]
        self.sockets = [self._connect(port, path) for _ in range(readers)]
        self.inflaters = {sock: zlib.decompressobj(-15) for sock in self.sockets} if deflate else {}
        self.buffers = dict.fromkeys(self.sockets, b"")
        for sock in self.sockets:
            sock.setblocking(False)
            self.selector.register(sock, selectors.EVENT_READ)
        self.delays: list[float] = []
        self.records = 0

    def _connect(self, port: int, path: str, *, small: bool = False) -> socket.socket:
        sock = socket.socket()
        if small:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", port))
        if path:
            sock.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                f"{self.offer}\r\n".encode()
            )
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += sock.recv(1)
        return sock

    def read(self, expected: int, deadline: float) -> None:
        """Until `expected` records came in all, or the deadline passed."""
        while self.records < expected and time.monotonic() < deadline:
            for key, _ in self.selector.select(0.2):
                sock: Any = key.fileobj
                self.take(sock, sock.recv(1 << 18))

    def take(self, sock: socket.socket, data: bytes) -> None:
        buffer = self.buffers[sock] + data
        now = time.monotonic_ns()
        while (size := frame_size(buffer)) and len(buffer) >= size:
            self.note(self.opened(sock, buffer[:size]), now)
            buffer = buffer[size:]
        self.buffers[sock] = buffer

    def opened(self, sock: socket.socket, wire: bytes) -> bytes:
        """The frame, inflated if it came compressed (RFC 7692)."""
        if not wire[0] & 0x40:
            return wire
        head = {126: 4, 127: 10}.get(wire[1] & 127, 2)
        return self.inflaters[sock].decompress(wire[head:] + b"\x00\x00\xff\xff")

    def note(self, wire: bytes, now: int) -> None:
        start = 0
        while (found := wire.find(STAMP, start)) >= 0:
            start = found + len(STAMP)
            digits = wire[start : start + 20]
            self.delays.append((now - int(digits[: min(digits.find(b","), 20)])) / 1e6)
            self.records += 1

    def close(self) -> None:
        for sock in (*self.sockets, *self.stalled):
            sock.close()


def frame_size(buffer: bytes) -> int:
    """Bytes of the first WebSocket frame; 0 while its head is incomplete."""
    if len(buffer) < 2:
        return 0
    size = buffer[1] & 127
    if size == 126:
        return 4 + struct.unpack("!H", buffer[2:4])[0] if len(buffer) >= 4 else 0
    if size == 127:
        return 10 + struct.unpack("!Q", buffer[2:10])[0] if len(buffer) >= 10 else 0
    return 2 + size


# --- measuring --------------------------------------------------------------------------------------------------


@dataclass
class Figure:
    """One round: processor time for each delivered record (µs), latency (ms), memory that the server gained (kB)."""

    micros: float
    median: float
    p99: float
    kb: int
    lost: int


def measure(
    server: Callable[[Connection, Load], None], load: Load, readers: int, *, stalled: int = 0, deflate: bool = False
) -> Figure:
    here, there = mp.Pipe()
    process = mp.get_context("spawn").Process(target=server, args=(there, load), daemon=True)
    process.start()
    port, path = here.recv()
    crowd = Crowd(port, path, readers, stalled=stalled, deflate=deflate)
    time.sleep(SETTLE)
    here.send(True)
    expected = load.records * readers
    crowd.read(expected, time.monotonic() + load.records / load.rate + 30)
    seconds, kb = here.recv()
    here.send(False)
    process.join(10)
    process.kill()
    crowd.close()
    delays = sorted(crowd.delays) or [0.0]
    return Figure(
        seconds * 1e6 / max(crowd.records, 1),
        statistics.median(delays),
        delays[int(len(delays) * 0.99) - 1],
        kb,
        expected - crowd.records,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--records", type=int, default=80)
    parser.add_argument("--size", type=int, default=900)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stalled", type=int, default=1, help="readers that never read, in the second part")
    options = parser.parse_args()
    load = Load(options.records, options.rate, options.size)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, options.readers * 2 + 500)), hard))

    print(f"{options.readers} readers, {load.rate:g} records/s of about {load.size} bytes, {options.rounds} rounds")
    settings: dict[str, dict[str, Any]] = {
        # What is divided by one another runs one after the other: a machine's mood changes within minutes.
        "bare send": {"server": bare},
        "ours": {"server": ours},
        "usual loop": {"server": usual},
        "ours, deflate asked": {"server": ours, "deflate": True},
        "usual, deflate": {"server": usual, "deflate": True},
        "ours with store": {"server": stored},
        "ours, none stalled": {"server": ours},
        "ours, stalled": {"server": ours, "stalled": options.stalled},
    }
    rounds: dict[str, list[Figure]] = {name: [] for name in settings}
    for _ in range(options.rounds):
        for name, setting in settings.items():
            rounds[name].append(measure(load=load, readers=options.readers, **setting))
    print(f"{'server':<20}{'µs a record':>12}{'median ms':>12}{'p99 ms':>10}{'gained kB':>11}{'lost':>6}")
    for name, figures in rounds.items():
        middle = [statistics.median(getattr(f, field) for f in figures) for field in ("micros", "median", "p99", "kb")]
        lost = sum(figure.lost for figure in figures)
        print(f"{name:<20}{middle[0]:>12.1f}{middle[1]:>12.1f}{middle[2]:>10.1f}{middle[3]:>11.0f}{lost:>6}")

    def ratio(left: str, right: str, field: str) -> float:
        pairs = zip(rounds[left], rounds[right], strict=True)
        return statistics.median(getattr(a, field) / getattr(b, field) for a, b in pairs)

    print(f"ours / usual loop: {ratio('ours', 'usual loop', 'micros'):.2f}   (at most 0.55)")
    print(
        f"ours / usual loop, both asked for compression, as browsers do: "
        f"{ratio('ours, deflate asked', 'usual, deflate', 'micros'):.2f}   (at most 0.55)"
    )
    print(f"ours / bare send:  {ratio('ours', 'bare send', 'micros'):.2f}   (at most 1.5)")
    stalled = ratio("ours, stalled", "ours, none stalled", "p99")
    print(f"p99 with a stalled reader / without: {stalled:.2f}   (at most 1.2)")


if __name__ == "__main__":
    main()
