"""A wall's records as they come, from a running server or straight from the store, for as long as somebody reads.

It owns the place (epoch, seq) and how to come back to it; it refuses to know how a record is shown.
The server's side is described in docs/protocol.md.
"""

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

LOOK = 0.5
"""Seconds between two looks at the store."""
BATCH = 200
SILENCE = 40.0
"""A server says something at least every fifteen seconds; after this many, the line is dead."""
LONGEST_PAUSE = 15.0
POST = "post"
SERVER = re.compile(
    r"(?P<scheme>https?://)?(?P<host>[\w.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?(?:/(?:w/(?P<slug>[^/?#]+))?.*)?",
    re.IGNORECASE,
)
"""A server's address, or that of a wall's page there."""
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
    """A run of records; or, with `reset`, the word that the channel is another one and stands at `head`."""

    epoch: str
    start: int = 0
    end: int = 0
    head: int = 0
    reset: bool = False
    records: list[Record] = []


@dataclass
class Place:
    epoch: str
    seq: int


Notice = Callable[[str], None]
"""Is told in a few words when the line is lost, and when it is there again."""


async def from_store(store: Store, channel_id: str, last: int) -> AsyncGenerator[Record]:
    """The newest `last` posts, then everything new. Raises NoChannel."""
    async with store.read() as db:
        batch = await read.snapshot(db, channel_id, max(last, 1))
    place = Place(batch.epoch, batch.head)
    for record in newest(_as_read(batch.records), last):
        yield record
    while True:
        async with store.read() as db:
            batch = await read.since(db, channel_id, place.seq, BATCH)
        if batch.epoch != place.epoch:
            place = Place(batch.epoch, batch.head)
            continue
        for record in _as_read(batch.records):
            place.seq = record.seq
            yield record
        if len(batch.records) < BATCH:
            await asyncio.sleep(LOOK)


async def from_server(origin: str, slug: str, last: int, notice: Notice) -> AsyncGenerator[Record]:
    """The same from a server's live protocol. A lost line is taken up where it was. Raises WallError at first."""
    place, records = await _snapshot(origin, slug, last)
    for record in newest(records, last):
        yield record
    failures = 0
    while True:
        try:
            async with connect(_live(origin, slug, place), max_size=None) as line:
                if failures:
                    notice("connected again")
                    failures = 0
                async for record in _listen(line, place):
                    yield record
        except ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code == NO_SUCH_WALL:
                raise WallError(f"The wall “{slug}” at {origin} is no longer there.") from None
        except (OSError, TimeoutError, InvalidHandshake, msgspec.MsgspecError):
            pass
        if not failures:
            notice("connection lost, trying again")
        failures += 1
        await asyncio.sleep(uniform(0.5, 1) * min(2.0 ** (failures - 1), LONGEST_PAUSE))  # noqa: S311  # it spreads clients in time


async def _listen(line: ClientConnection, place: Place) -> AsyncGenerator[Record]:
    """Until the line ends, or leaves a gap: then the place says from where to ask again."""
    while True:
        frame = msgspec.json.decode(await asyncio.wait_for(line.recv(), SILENCE), type=Frame)
        if frame.reset:
            place.epoch, place.seq = frame.epoch, frame.head
            continue
        if frame.epoch != place.epoch or frame.start > place.seq:
            return
        for record in frame.records:
            if record.seq > place.seq:
                yield record
        place.seq = max(place.seq, frame.end)


async def _snapshot(origin: str, slug: str, last: int) -> tuple[Place, list[Record]]:
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
        raise WallError(f"What answers at {origin} is no Backchannel (status {reply.status_code}).") from None
    return Place(snapshot.epoch, snapshot.head), snapshot.records


def _live(origin: str, slug: str, place: Place) -> str:
    line = origin.replace("http", "ws", 1)
    return f"{line}/api/walls/{quote(slug, safe='')}/live?epoch={quote(place.epoch)}&since={place.seq}"


def newest(records: Sequence[Record], last: int) -> list[Record]:
    """The newest `last` posts of a snapshot, oldest first."""
    posts = sorted((record for record in records if record.kind == POST), key=lambda record: record.at)
    return posts[-last:] if last else []


def server_of(url: str) -> tuple[str, str]:
    """(origin, slug) of a server's address or of a wall's own page, whose slug it names. Raises WallError.

    A word alone is no address, though a machine may have that name: who means it says `http://word`.
    """
    server = SERVER.fullmatch(url.strip())
    if server is None or int(server["port"] or 0) > LAST_PORT or not (server["scheme"] or _is_address(server)):
        raise WallError(f"“{url}” is no server's address: give one such as http://localhost:8000.")
    port = f":{server['port']}" if server["port"] else ""
    return f"{server['scheme'] or 'http://'}{server['host']}{port}".lower(), server["slug"] or ""


def _is_address(server: re.Match[str]) -> bool:
    return bool(server["port"]) or "." in server["host"] or server["host"] in {"localhost", "[::1]"}


def _as_read(records: Sequence[StoredRecord]) -> list[Record]:
    return [msgspec.json.decode(msgspec.json.encode(to_record(each)), type=Record) for each in records]
