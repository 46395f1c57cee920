"""A channel and readers in memory."""

import asyncio
import json
from itertools import pairwise
from typing import Any

from aggregator.channel.publish import NoChannel
from aggregator.channel.read import Batch
from aggregator.channel.reader import Reader
from aggregator.channel.tables import Record


class Shelf:
    """A channel's records in memory, as `since` would read them."""

    def __init__(self) -> None:
        self.epoch = "E"
        self.records: dict[str, Record] = {}
        self.head = 0
        self.reads: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.gone = False
        self.troubles: list[Exception] = []

    def put(self, key: str, body: bytes | None = b"{}") -> None:
        self.head += 1
        self.records[key] = Record(channel_id="c", kind="post", key=key, seq=self.head, at=0, body=body)

    async def load(self, seq: int, limit: int) -> Batch:
        self.reads.append(seq)
        await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop()
        if self.gone:
            raise NoChannel("There is no channel “c”.")
        newer = sorted((r for r in self.records.values() if r.seq > seq), key=lambda r: r.seq)
        return Batch(self.epoch, self.head, tuple(newer[:limit]))


class Phone:
    """A reader that decodes and keeps its frames."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.reader = Reader(self.take)

    def take(self, wire: bytes) -> None:
        start = {126: 4, 127: 10}.get(wire[1], 2)
        self.frames.append(json.loads(wire[start:]))

    @property
    def keys(self) -> list[str]:
        return [record["key"] for frame in self.frames for record in frame.get("records", [])]

    @property
    def gapless(self) -> bool:
        frames = [frame for frame in self.frames if "from" in frame]
        return all(left["to"] == right["from"] for left, right in pairwise(frames))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
