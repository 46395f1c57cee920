"""Readers of an address over its request limit: which requests are still free, and how they recover."""

import asyncio
import time

import httpx

from aggregator.channel.fanout import COLLECT_WINDOW
from aggregator.channel.history import FRAME_RECORDS
from aggregator.store.store import Store
from tests.statements import statements
from tests.web.served import events, hear, keys, serving
from web.throttle import Throttle
from web.websocket import LiveProtocol


async def test_a_reader_over_the_limit_recovers(sqlite_store: Store) -> None:
    """A hall behind one address: the reset, the snapshot and the next request, as the page sends them."""
    throttle = Throttle(at_once=1, per_second=0.001)
    async with serving(sqlite_store, LiveProtocol, throttle) as served:
        place = await served.place()
        for key in "xyz":
            await served.say(key)
        line = await served.hub.fanout("a/wall")
        while line.head < 3:
            await asyncio.sleep(0.01)
        throttle.take("127.0.0.1")
        ((_, at_hand),) = await events(served, place, 1)
        assert keys(at_hand)[0] == "x"
        line.history.clear()
        ((_, lost),) = await events(served, place, 1)
        assert lost["reset"] is True
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}") as client:
            snapshot = await client.get("/api/walls/a/records")
            after = await client.get("/api/walls/a/records", params={"since": snapshot.json()["head"], "limit": 200})
        assert (snapshot.status_code, after.status_code, after.json()["records"]) == (200, 200, [])
        ((_, beyond),) = await events(served, f"?epoch={line.epoch}&since=999999999", 1)
        assert beyond["reset"] is True
        ahead = f"?epoch={line.epoch}&since={line.head + 1}"  # its snapshot was read before this line has looked
        await served.say("w")
        async with served.connect(ahead) as phone:
            assert keys(await hear(phone)) == []


async def test_readers_over_the_limit_get_the_snapshot_and_are_then_served(sqlite_store: Store) -> None:
    """The history is empty, as after a restart of the server."""
    throttle = Throttle(at_once=2, per_second=0.001)
    async with serving(sqlite_store, LiveProtocol, throttle) as served:
        place = await served.place()
        for key in "xyz":
            await served.say(key)
        line = await served.hub.fanout("a/wall")
        while line.head < 3:
            await asyncio.sleep(0.01)
        line.history.clear()
        ((_, first),) = await events(served, place, 1)
        async with served.connect(place) as phone:
            second = await hear(phone)
        assert [keys(first)[0], keys(second)[0]] == ["x", "x"]
        ((_, third),) = await events(served, place, 1)
        assert third["reset"] is True
        async with served.connect(place) as phone:
            assert (await hear(phone))["reset"] is True
            await served.say("w")
            assert keys(await hear(phone)) == ["w"]
        async with served.connect(await served.place()) as phone:
            assert keys(await hear(phone)) == []  # nothing was missed: that costs nothing, and is never refused


async def test_who_says_to_be_ahead_costs_no_toll_and_one_look_together(sqlite_store: Store) -> None:
    throttle = Throttle(at_once=1, per_second=0.001)
    async with serving(sqlite_store, LiveProtocol, throttle) as served:
        line = await served.hub.fanout("a/wall")
        ahead = f"?epoch={line.epoch}&since={line.head + FRAME_RECORDS}"

        async def greeted() -> bool:
            async with served.connect(ahead) as phone:
                return (await hear(phone))["reset"] is True

        since = time.monotonic()
        with statements() as asked:
            assert all(await asyncio.gather(*(greeted() for _ in range(50))))
        loads = sum("FROM record" in text for text, _ in asked)
        assert 1 <= loads <= 1 + (time.monotonic() - since) / COLLECT_WINDOW
        throttle.take("127.0.0.1")  # nobody has taken it
