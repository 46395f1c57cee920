"""A server that is killed or stopped under load: each post is on every page once, and readers reconnect."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.e2e.archives import numbered, play
from tests.e2e.visit import Visit, open_wall
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

PLAYED = numbered("tide", 160)
RATE = 16
"""Posts a second: ten seconds of playing, into the middle of which everything falls."""
POSTED = numbered("gull", 60)
RESTARTS = 1012


class Reader:
    """A client of docs/protocol.md that reconnects, resumes, and stores all records."""

    def __init__(self, server: WallServer) -> None:
        self.address = f"{server.url.replace('http', 'ws')}/api/walls/hall/live"
        self.epoch, self.seq = "", -1
        self.bodies: dict[str, Any] = {}
        self.gaps: list[str] = []
        self.closed_with: list[int] = []

    async def read(self) -> None:
        while True:
            with suppress(OSError, InvalidHandshake, TimeoutError):
                async with connect(f"{self.address}?epoch={self.epoch}&since={self.seq}") as line:
                    try:
                        while True:
                            self.hear(json.loads(await line.recv()))
                    except ConnectionClosed as end:
                        self.closed_with.append(end.rcvd.code if end.rcvd else 1006)
            await asyncio.sleep(0.1)

    def hear(self, frame: dict[str, Any]) -> None:
        if frame.get("reset"):
            assert self.seq == -1, "a reader who had a place was told to start anew"
            self.epoch, self.seq = frame["epoch"], frame["head"]
            return
        if frame["from"] > self.seq:
            self.gaps.append(f"{self.seq} → {frame['from']}")
        for record in frame["records"]:
            if record["seq"] > self.seq and record["kind"] == "post":
                self.bodies[record["key"]] = record["body"]
        self.seq = max(self.seq, frame["to"])


async def kill(server: WallServer) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)


@pytest.fixture
def busy(wall_server: WallServer, mastodon: MastodonServer) -> WallServer:
    """The wall `hall` follows a hashtag, and soon a rehearsal too."""
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    wall_server.run("follow", "#busy", "--on", mastodon.url, "--wall", "hall")
    return wall_server


async def produce(mastodon: MastodonServer) -> None:
    for words in POSTED:
        mastodon.post(f"{words} #busy", tags=["busy"], by=f"guest{len(words)}")
        await asyncio.sleep(0.15)


async def test_killed_server_loses_and_doubles_nothing(
    browser: Browser, busy: WallServer, mastodon: MastodonServer, tmp_path: Path
) -> None:
    context = await browser.new_context()
    visits = [await open_wall(await context.new_page(), busy) for _ in range(3)]
    reader = Reader(busy)
    reading = asyncio.create_task(reader.read())
    posting = asyncio.create_task(produce(mastodon))
    await asyncio.to_thread(play, busy, tmp_path, PLAYED, RATE)
    await visits[0].shows("tide 020.")
    await kill(busy)
    await visits[0].shows("tide 080.")
    await kill(busy)
    await posting

    for visit in visits:
        await has_each_once(visit)
    late = await open_wall(await context.new_page(), busy)
    await late.page.evaluate("scrollTo(0, 1)")
    assert Counter(await late.said()) <= Counter(await visits[0].said())
    await catches_up(reader, busy)
    reading.cancel()
    assert reader.gaps == []
    assert len(reader.bodies) == len(PLAYED) + len(POSTED)


async def has_each_once(visit: Visit) -> None:
    await visit.has_cards(len(PLAYED) + len(POSTED), within=40_000)
    wanted = Counter([*PLAYED, *(f"{words} #busy" for words in POSTED)])
    assert Counter(await visit.said()) == wanted


async def catches_up(reader: Reader, server: WallServer) -> None:
    async with httpx.AsyncClient() as client:
        snapshot = (await client.get(f"{server.url}/api/walls/hall/records")).json()
    async with asyncio.timeout(30):
        while reader.seq < snapshot["head"]:
            await asyncio.sleep(0.05)
    told = {record["key"]: record["body"] for record in snapshot["records"] if record["kind"] == "post"}
    assert told == {key: reader.bodies[key] for key in told}


async def test_stopped_server_says_so_and_readers_come_back_spread(
    browser: Browser, busy: WallServer, tmp_path: Path
) -> None:
    context = await browser.new_context()
    await context.add_init_script(NOTE_RETURNS)
    visits = [await open_wall(await context.new_page(), busy) for _ in range(5)]
    reader = Reader(busy)
    reading = asyncio.create_task(reader.read())
    await asyncio.to_thread(play, busy, tmp_path, PLAYED[:80], RATE)
    await visits[0].shows("tide 020.")
    await asyncio.to_thread(busy.stop)
    pauses = [await first_pause(visit) for visit in visits]
    await asyncio.to_thread(busy.start)

    for visit in visits:
        await visit.has_cards(80)
        assert Counter(await visit.said()) == Counter(PLAYED[:80])
        await visit.is_live()
    reading.cancel()
    assert reader.closed_with == [RESTARTS]
    assert [pause for pause in pauses if not 150 <= pause <= 3_000] == []
    assert max(pauses) - min(pauses) > 50, pauses


NOTE_RETURNS = """
    window.closings = []
    window.openings = []
    window.WebSocket = class extends WebSocket {
      constructor(address) {
        super(address)
        openings.push(performance.now())
        this.addEventListener('close', (event) => closings.push([performance.now(), event.code]))
      }
    }
"""


async def first_pause(visit: Visit) -> float:
    """Milliseconds from the end of the first line, which must say that the server restarts, to the next attempt."""
    await visit.page.wait_for_function("() => openings.length > 1")
    (closed, code), opened = await visit.page.evaluate("[closings[0], openings[1]]")
    assert code == RESTARTS
    return float(opened - closed)
