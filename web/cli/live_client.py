"""A client of the live protocol (docs/protocol.md): a wall's records, from a running server or the database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from random import uniform
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from aggregator.channel import read
from aggregator.channel.frames import NO_SUCH_WALL, to_record
from aggregator.channel.tables import Record as StoredRecord
from aggregator.store.store import Store
from aggregator.walls.errors import WallError
from connectors.http.failures import describe

REFRESH_INTERVAL = 0.5
"""Seconds between two reads of the database."""
BATCH = 200
HEARTBEAT_TIMEOUT = 40.0
"""Seconds. A server sends a heartbeat every fifteen; after this long without one, the connection is dead."""
MAX_PAUSE = 15.0
"""Seconds between two attempts to connect."""
POST = "post"
SERVER = re.compile(
    r"(?P<scheme>https?://)?(?P<host>[\w.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?(?:/(?:w/(?P<slug>[^/?#]+))?.*)?",
    re.IGNORECASE,
)
"""The URL of a server or of one of its walls."""
LAST_PORT = 65_535


class Record(msgspec.Struct, frozen=True):
    seq: int
    kind: str
    key: str
    at: str
    body: dict[str, Any] | None


class Snapshot(msgspec.Struct, frozen=True):
    epoch: str
    head: int
    records: list[Record]


class Frame(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A run of records; with `reset`, the notice that the reader's position is invalid and the channel is at `head`."""

    epoch: str
    start: int = 0
    end: int = 0
    head: int = 0
    reset: bool = False
    records: list[Record] = []


@dataclass
class Position:
    epoch: str
    seq: int


Notice = Callable[[str], None]
"""Called with a short message when the connection is lost and when it is back."""


async def from_store(store: Store, channel_id: str, last: int) -> AsyncGenerator[Record]:
    """The newest `last` posts, then everything new. Raises NoChannel."""
    async with store.read() as db:
        batch = await read.snapshot(db, channel_id, max(last, 1))
    position = Position(batch.epoch, batch.head)
    for record in newest(_as_read(batch.records), last):
        yield record
    while True:
        async with store.read() as db:
            batch = await read.since(db, channel_id, position.seq, BATCH)
        if batch.epoch != position.epoch:
            position = Position(batch.epoch, batch.head)
            continue
        for record in _as_read(batch.records):
            position.seq = record.seq
            yield record
        if len(batch.records) < BATCH:
            await asyncio.sleep(REFRESH_INTERVAL)


async def from_server(origin: str, slug: str, last: int, notice: Notice) -> AsyncGenerator[Record]:
    """The same from a running server, across lost connections. The first request may raise WallError."""
    position, records = await _snapshot(origin, slug, last)
    for record in newest(records, last):
        yield record
    failures = 0
    while True:
        try:
            async with connect(_live(origin, slug, position), max_size=None) as socket:
                if failures:
                    notice("reconnected")
                    failures = 0
                async for record in _listen(socket, position):
                    yield record
        except ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code == NO_SUCH_WALL:
                raise WallError(f"The wall “{slug}” at {origin} has been removed.") from None
        except (OSError, TimeoutError, InvalidHandshake, msgspec.MsgspecError):
            pass
        if not failures:
            notice("connection lost, reconnecting")
        failures += 1
        await asyncio.sleep(uniform(0.5, 1) * min(2.0 ** (failures - 1), MAX_PAUSE))  # noqa: S311  # it spreads clients in time


async def _listen(socket: ClientConnection, position: Position) -> AsyncGenerator[Record]:
    """The records of one connection, until it ends or leaves a gap; `position` then says where to resume."""
    while True:
        frame = msgspec.json.decode(await asyncio.wait_for(socket.recv(), HEARTBEAT_TIMEOUT), type=Frame)
        if frame.reset:
            position.epoch, position.seq = frame.epoch, frame.head
            continue
        if frame.epoch != position.epoch or frame.start > position.seq:
            return
        for record in frame.records:
            if record.seq > position.seq:
                yield record
        position.seq = max(position.seq, frame.end)


async def _snapshot(origin: str, slug: str, last: int) -> tuple[Position, list[Record]]:
    address = f"{origin}/api/walls/{quote(slug, safe='')}/records"
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            reply = await client.get(address, params={"limit": max(last, 1)})
    except httpx.TransportError as error:
        raise WallError(f"{describe(error, origin)} Is `backchannel serve` running there?") from None
    if reply.status_code == httpx.codes.NOT_FOUND:
        raise WallError(f"There is no wall “{slug}” at {origin}.")
    try:
        snapshot = msgspec.json.decode(reply.raise_for_status().content, type=Snapshot)
    except (httpx.HTTPStatusError, msgspec.MsgspecError):
        raise WallError(f"{origin} isn't a Backchannel server (status {reply.status_code}).") from None
    return Position(snapshot.epoch, snapshot.head), snapshot.records


def _live(origin: str, slug: str, position: Position) -> str:
    base = origin.replace("http", "ws", 1)
    return f"{base}/api/walls/{quote(slug, safe='')}/live?epoch={quote(position.epoch)}&since={position.seq}"


def newest(records: Sequence[Record], last: int) -> list[Record]:
    """The newest `last` posts of a snapshot, oldest first."""
    posts = sorted((record for record in records if record.kind == POST), key=lambda record: record.at)
    return posts[-last:] if last else []


def server_of(url: str) -> tuple[str, str]:
    """(origin, slug) of the URL of a server or of a wall's page. Raises WallError.

    A single word is rejected although it could be a host name: write `http://word`.
    """
    server = SERVER.fullmatch(url.strip())
    if server is None or int(server["port"] or 0) > LAST_PORT or not (server["scheme"] or _is_address(server)):
        raise WallError(f"“{url}” isn't a server's URL. Try one such as http://localhost:8000.")
    port = f":{server['port']}" if server["port"] else ""
    return f"{server['scheme'] or 'http://'}{server['host']}{port}".lower(), server["slug"] or ""


def _is_address(server: re.Match[str]) -> bool:
    return bool(server["port"]) or "." in server["host"] or server["host"] in {"localhost", "[::1]"}


def _as_read(records: Sequence[StoredRecord]) -> list[Record]:
    return [msgspec.json.decode(msgspec.json.encode(to_record(each)), type=Record) for each in records]
