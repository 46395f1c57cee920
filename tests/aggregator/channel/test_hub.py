"""The hub over a real store: commits of this process and of another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from aggregator.channel.frames import Frame
from aggregator.channel.hub import Hub
from aggregator.channel.publish import Draft, NoChannel, close_channel, open_channel, publish
from aggregator.store.store import Session, Store


@pytest.fixture
async def hub(store: Store) -> AsyncIterator[Hub]:
    async with store.write() as db:
        await open_channel(db, "a/wall")
    hub = Hub(store)
    hub.start()
    yield hub
    await hub.stop()


class SlowStore(Store):
    """A store in which a read waits while `gate` is closed; `reading` is set when one does."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.gate, self.reading = asyncio.Event(), asyncio.Event()
        self.gate.set()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        if not self.gate.is_set():
            self.reading.set()
        await self.gate.wait()
        async with super().read() as db:
            yield db


async def say(store: Store, key: str, channel: str = "a/wall") -> None:
    async with store.write() as db:
        await publish(db, channel, [Draft("post", key, 0, b"{}")])


async def next_keys(frames: AsyncIterator[Frame]) -> list[str]:
    async with asyncio.timeout(30):
        return sorted(key for _, key in (await anext(frames)).keys)


async def test_hub_spreads_what_this_process_commits(store: Store, hub: Hub) -> None:
    fanout = await hub.fanout("a/wall")
    frames = fanout.follow(fanout.epoch, 0)
    assert await next_keys(frames) == []
    await say(store, "x")
    assert await next_keys(frames) == ["x"]
    assert hub.readers == 1
    await frames.aclose()


async def test_hub_finds_what_another_process_commits(store: Store, hub: Hub) -> None:
    fanout = await hub.fanout("a/wall")
    frames = fanout.follow(fanout.epoch, 0)
    assert await next_keys(frames) == []
    other = Store(store.url.render_as_string(hide_password=False))
    await say(other, "x")
    await other.close()
    async with asyncio.timeout(30):
        assert await next_keys(frames) == ["x"]
    await frames.aclose()


async def test_hub_has_one_line_for_each_channel(hub: Hub) -> None:
    fanouts = await asyncio.gather(*(hub.fanout("a/wall") for _ in range(5)))
    assert {id(fanout) for fanout in fanouts} == {id(fanouts[0])}


async def test_hub_has_a_line_at_once_while_the_store_is_slow_to_look_for_another(store: Store) -> None:
    async with store.write() as db:
        await open_channel(db, "a/wall")
    slow_store = SlowStore(store.url.render_as_string(hide_password=False))
    hub = Hub(slow_store)
    fanout = await hub.fanout("a/wall")
    slow_store.gate.clear()
    looking = asyncio.create_task(hub.fanout("b/wall"))
    await asyncio.wait_for(slow_store.reading.wait(), 30)
    assert await asyncio.wait_for(hub.fanout("a/wall"), 30) is fanout
    assert not looking.done()
    slow_store.gate.set()
    with pytest.raises(NoChannel):
        await looking
    await hub.stop()
    await slow_store.close()


async def test_hub_knows_no_line_for_an_unknown_channel(hub: Hub) -> None:
    with pytest.raises(NoChannel):
        await hub.fanout("nowhere/wall")


async def test_hub_lets_go_of_a_channel_that_is_gone_and_begins_with_the_next_of_its_name(
    store: Store, hub: Hub
) -> None:
    fanout = await hub.fanout("a/wall")
    frames = fanout.follow(fanout.epoch, 0)
    await anext(frames)
    other = Store(store.url.render_as_string(hide_password=False))
    async with other.write() as db:
        await close_channel(db, "a/wall")
    await other.close()
    async with asyncio.timeout(30):
        assert [news async for news in frames] == []
        while await is_known(hub, "a/wall"):
            await asyncio.sleep(0.01)
    async with store.write() as db:
        await open_channel(db, "a/wall")
    assert (await hub.fanout("a/wall")) is not fanout
    assert hub.running


async def is_known(hub: Hub, channel: str) -> bool:
    try:
        await hub.fanout(channel)
    except NoChannel:
        return False
    return True


async def test_hub_ignores_channels_that_nobody_reads(store: Store, hub: Hub) -> None:
    async with store.write() as db:
        await open_channel(db, "b/wall")
    await say(store, "x", "b/wall")
    await hub.fanout("a/wall")
    await hub.refresh()
    assert hub.readers == 0


async def test_hub_releases_its_followers_before_the_server_stops(hub: Hub) -> None:
    fanout = await hub.fanout("a/wall")
    frames = fanout.follow(fanout.epoch, 0)
    await anext(frames)
    hub.release()
    assert [news async for news in frames] == []


async def test_hub_that_has_stopped_is_not_running(store: Store) -> None:
    hub = Hub(store)
    states = [hub.running]
    hub.start()
    states.append(hub.running)
    await hub.stop()
    assert [*states, hub.running] == [False, True, False]
