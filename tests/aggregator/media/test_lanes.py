"""Slow fetches beside quick ones: they hold nobody up, and are bounded themselves."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from aggregator.media.lanes import SLOW_PLACES, Crowded, Lanes
from aggregator.media.tables import StoredPicture
from aggregator.store.store import Store
from connectors.http.client import Http
from tests.aggregator.media.room import Album, Posts, Room, Wire, png

WORKERS = 4
"""Quick fetches at a time, by default."""


class Fetches:
    """Fetches that end when they are told to."""

    def __init__(self) -> None:
        self.running = self.most = 0
        self.go_on = asyncio.Event()

    async def slow(self) -> str:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.go_on.wait()
        finally:
            self.running -= 1
        return "slow"

    async def quick(self) -> str:
        return "quick"


async def test_quick_fetch_passes_any_number_of_slow_ones() -> None:
    lanes, fetches = Lanes(2, quick_seconds=0.01), Fetches()
    slow = [asyncio.create_task(lanes.run(fetches.slow)) for _ in range(20)]
    async with asyncio.timeout(30):
        assert await lanes.run(fetches.quick) == "quick"
        while fetches.running > SLOW_PLACES or sum(task.done() for task in slow) < 20 - SLOW_PLACES:
            await asyncio.sleep(0.01)
    fetches.go_on.set()
    outcomes = await asyncio.gather(*slow, return_exceptions=True)
    assert sum(outcome == "slow" for outcome in outcomes) == SLOW_PLACES
    assert sum(isinstance(outcome, Crowded) for outcome in outcomes) == 20 - SLOW_PLACES
    assert fetches.most <= 2 + SLOW_PLACES


@pytest.mark.parametrize("quick_seconds", [0.01, 60.0], ids=["in the slow lane", "in its place"])
async def test_cancelled_fetch_ends(quick_seconds: float) -> None:
    lanes, fetches = Lanes(1, quick_seconds=quick_seconds), Fetches()
    task = asyncio.create_task(lanes.run(fetches.slow))
    while not fetches.running:
        await asyncio.sleep(0)
    await asyncio.sleep(0.03)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert fetches.running == 0
    assert await lanes.run(fetches.quick) == "quick"


@pytest.mark.parametrize("quick_seconds", [0.01, 60.0], ids=["in the slow lane", "in its place"])
async def test_error_of_a_fetch_is_raised(quick_seconds: float) -> None:
    async def fail() -> str:
        await asyncio.sleep(0.05)
        raise ValueError("no picture")

    with pytest.raises(ValueError, match="no picture"):
        await Lanes(1, quick_seconds=quick_seconds).run(fail)


async def failed_of(room: Room) -> list[StoredPicture]:
    """The pictures that have failed, once there are some."""
    while not (failed := [picture for picture in (await room.pictures()).values() if picture.trouble]):
        await asyncio.sleep(0.02)
    return failed


async def test_slow_hosts_of_many_posts_hold_no_other_picture_up(store: Store, tmp_path: Path, posts: Posts) -> None:
    names = [f"drip{number}" for number in range(12)]
    await posts("honest", *names)
    never = asyncio.Event()

    class Dripping(Album):
        async def picture(self, http: Http, url: str) -> bytes:
            if "drip" in url:
                await never.wait()
            return png()

    room = Room(store, tmp_path, Wire(), connector=Dripping(), quick_seconds=0.05)
    async with room.open():
        for name in names:
            await room.wish(name, name, host=f"{name}.example")
        await room.wish("honest", "sky", host="alive.example")
        await room.until(sky="ready")
        crowded = await failed_of(room)
    assert {(picture.progress, picture.tries) for picture in crowded} == {("waiting", 0)}  # they are not at fault


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_worker_holds_the_bytes_of_a_few_pictures_at_a_time(store: Store, tmp_path: Path, posts: Posts) -> None:
    """Fetching is quick and preparing slow: pictures that wait to be prepared would fill the memory."""
    names = [f"picture{number}" for number in range(4 * (WORKERS + SLOW_PLACES))]
    await posts(*names)

    class Held(bytes):
        now = most = 0

        def __init__(self, *_: object) -> None:
            Held.now += 1
            Held.most = max(Held.now, Held.most)

        def __del__(self) -> None:
            Held.now -= 1

    class Quick(Album):
        async def picture(self, http: Http, url: str) -> bytes:
            return cast("bytes", memoryview(Held(png(size=600))))  # the sandbox takes no kind of bytes of our own

    room = Room(store, tmp_path, Wire(), connector=Quick())
    for name in names:
        await room.wish(name, name, host=f"{name}.example")
    async with room.open():
        await room.until(**dict.fromkeys(names, "ready"))
    assert Held.most <= WORKERS + SLOW_PLACES
