"""Sending frames to readers that keep up, by push and by pull."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator

import pytest

from aggregator.channel import fanout as fanout_module
from aggregator.channel.fanout import Fanout
from aggregator.channel.frames import Frame, close_frame
from aggregator.channel.history import FRAME_RECORDS
from aggregator.channel.read import Batch
from aggregator.channel.reader import Reader
from aggregator.store.errors import Outage
from tests.aggregator.channel.shelf import Phone, Shelf, settle


async def test_fanout_spreads_a_frame_to_every_reader(shelf: Shelf, fanout: Fanout) -> None:
    phones = [Phone(), Phone()]
    for phone in phones:
        await fanout.join(phone.reader, "E", 0)
    shelf.put("a")
    assert await fanout.advance() is False
    assert [phone.keys for phone in phones] == [["a"], ["a"]]
    assert [phone.reader.seq for phone in phones] == [1, 1]


async def test_fanout_greets_a_reader_that_is_up_to_date_with_a_heartbeat(fanout: Fanout) -> None:
    phone = Phone()
    await fanout.join(phone.reader, "E", 0)
    assert phone.frames == [{"epoch": "E", "from": 0, "to": 0, "records": []}]


@pytest.mark.parametrize(("epoch", "seq"), [("other", 0), ("E", 99), ("E", -1), ("", -1)])
async def test_fanout_resets_a_reader_whose_place_means_nothing(fanout: Fanout, epoch: str, seq: int) -> None:
    phone = Phone()
    await fanout.join(phone.reader, epoch, seq)
    assert phone.frames == [{"reset": True, "epoch": "E", "head": 0}]


async def test_fanout_believes_a_reader_that_has_read_further_than_itself(shelf: Shelf, fanout: Fanout) -> None:
    shelf.put("a")
    shelf.put("b")
    phone = Phone()
    await fanout.join(phone.reader, "E", 2)
    assert phone.frames == [{"epoch": "E", "from": 2, "to": 2, "records": []}]


async def test_fanout_looks_once_for_all_who_say_that_they_are_ahead(shelf: Shelf, fanout: Fanout) -> None:
    shelf.put("a")
    phones = [Phone() for _ in range(500)]
    async with asyncio.TaskGroup() as joining:
        for number, phone in enumerate(phones):
            joining.create_task(fanout.join(phone.reader, "E", 1 if number % 2 else FRAME_RECORDS))
    assert len(shelf.reads) == 1
    assert phones[0].frames == [{"reset": True, "epoch": "E", "head": 1}]
    assert phones[1].frames == [{"epoch": "E", "from": 1, "to": 1, "records": []}]


async def test_fanout_looks_again_for_who_comes_while_it_looks(shelf: Shelf) -> None:
    """The second reader may have read newer records than the refresh finds."""
    looking, found = asyncio.Event(), asyncio.Event()

    async def slow(seq: int, limit: int) -> Batch:
        batch = await shelf.load(seq, limit)
        looking.set()
        await found.wait()
        return batch

    fanout = Fanout(slow, "E", 0)
    first, second = Phone(), Phone()
    async with asyncio.timeout(30), asyncio.TaskGroup() as joining:
        joining.create_task(fanout.join(first.reader, "E", 1))
        await looking.wait()
        shelf.put("a")
        joining.create_task(fanout.join(second.reader, "E", 1))
        await asyncio.sleep(0)
        found.set()
    assert first.frames[0] == {"reset": True, "epoch": "E", "head": 0}
    assert second.frames == [{"epoch": "E", "from": 1, "to": 1, "records": []}]


async def test_reader_that_leaves_while_the_line_looks_takes_the_look_from_nobody(shelf: Shelf, fanout: Fanout) -> None:
    shelf.put("a")
    leaving, staying = Phone(), Phone()
    joins = [asyncio.create_task(fanout.join(phone.reader, "E", 1)) for phone in (leaving, staying)]
    await asyncio.sleep(0)
    joins[0].cancel()
    await asyncio.wait_for(joins[1], 30)
    assert staying.frames == [{"epoch": "E", "from": 1, "to": 1, "records": []}]


async def test_fanout_lets_a_late_reader_catch_up(shelf: Shelf, fanout: Fanout) -> None:
    for key in "abc":
        shelf.put(key)
    await fanout.advance()
    phone = Phone()
    await fanout.join(phone.reader, "E", 1)
    await settle()
    assert phone.keys == ["b", "c"]
    assert not phone.reader.behind


async def test_fanout_begins_again_when_the_channel_is_another_one(shelf: Shelf, fanout: Fanout) -> None:
    phone, full = Phone(), Phone()
    for reader in (phone.reader, full.reader):
        await fanout.join(reader, "E", 0)
    full.reader.filled()
    shelf.epoch, shelf.head = "F", 4
    await fanout.advance()
    assert phone.frames[-1] == {"reset": True, "epoch": "F", "head": 4}
    assert [frame.get("reset") for frame in full.frames] == [None]
    shelf.put("new")
    await fanout.advance()
    full.reader.drained()
    await settle()
    assert (phone.keys, full.keys) == (["new"], ["new"])


async def test_fanout_runs_by_itself_and_shares_a_frame_within_the_window(shelf: Shelf, fanout: Fanout) -> None:
    phone = Phone()
    await fanout.join(phone.reader, "E", 0)
    running = asyncio.create_task(fanout.run())
    shelf.put("first")
    fanout.changed.set()
    await settle()
    assert phone.keys == ["first"]
    for key in "abc":
        shelf.put(key)
        fanout.changed.set()
    await settle()
    assert phone.keys == ["first"]
    await asyncio.sleep(fanout_module.COLLECT_WINDOW * 2)
    assert [len(frame["records"]) for frame in phone.frames] == [0, 1, 3]
    running.cancel()


async def test_fanout_sends_the_rest_of_a_large_batch(shelf: Shelf, fanout: Fanout) -> None:
    phone = Phone()
    await fanout.join(phone.reader, "E", 0)
    for n in range(FRAME_RECORDS + 1):
        shelf.put(str(n))
    running = asyncio.create_task(fanout.run())
    fanout.changed.set()
    await asyncio.sleep(fanout_module.COLLECT_WINDOW * 2)
    assert [len(frame["records"]) for frame in phone.frames] == [0, FRAME_RECORDS, 1]
    running.cancel()


async def test_fanout_survives_a_store_that_cannot_be_read(shelf: Shelf, fanout: Fanout) -> None:
    """It tries again after a pause, without another notification."""
    phone = Phone()
    await fanout.join(phone.reader, "E", 0)
    shelf.put("a")
    shelf.troubles = [OSError("no disk")]
    began = time.monotonic()
    running = asyncio.create_task(fanout.run())
    fanout.changed.set()
    async with asyncio.timeout(fanout_module.RETRY_PAUSE + 5):
        while not phone.keys:
            await asyncio.sleep(0.01)
    assert (phone.keys, shelf.reads) == (["a"], [0, 0])
    assert time.monotonic() - began >= fanout_module.RETRY_PAUSE
    running.cancel()


async def test_fanout_of_a_channel_that_is_gone_sends_everybody_away_and_ends(shelf: Shelf, fanout: Fanout) -> None:
    wires: list[list[bytes]] = [[], [], []]
    quick, full, late = (Reader(wire.append) for wire in wires)
    for reader in (quick, full):
        await fanout.join(reader, "E", 0)
    full.filled()
    followed = fanout.follow("E", 0)
    await anext(followed)
    shelf.gone = True
    fanout.changed.set()
    await asyncio.wait_for(fanout.run(), 30)
    await fanout.join(late, "E", 0)
    assert [wire[-1] for wire in wires] == [close_frame(4404, "This wall has been removed.")] * 3
    assert [news async for news in followed] == []


async def test_heartbeat_reaches_those_who_are_up_to_date(fanout: Fanout) -> None:
    phone, full = Phone(), Phone()
    for reader in (phone.reader, full.reader):
        await fanout.join(reader, "E", 0)
    full.reader.filled()
    fanout.send_heartbeat()
    assert [len(phone.frames), len(full.frames)] == [2, 1]


async def test_quiet_line_tells_its_readers_and_followers_that_nothing_was_missed(shelf: Shelf) -> None:
    fanout = Fanout(shelf.load, "E", 0, heartbeat_interval=0.01)
    phone = Phone()
    await fanout.join(phone.reader, "E", 0)
    running = asyncio.create_task(fanout.run())
    followed = fanout.follow("E", 0)
    heard = [await anext(followed) for _ in range(3)]
    while len(phone.frames) < 3:
        await asyncio.sleep(0.01)
    running.cancel()
    await followed.aclose()
    beat = {"epoch": "E", "from": 0, "to": 0, "records": []}
    assert [json.loads(frame.json) for frame in heard] == phone.frames[:3] == [beat] * 3


async def test_follower_takes_the_same_frames_at_its_own_pace(shelf: Shelf, fanout: Fanout) -> None:
    taken: list[Frame] = []

    async def follow() -> None:
        async for news in fanout.follow("E", 0):
            taken.append(news)  # noqa: PERF401  (the list is watched while it grows)

    following = asyncio.create_task(follow())
    await settle()
    for key in "ab":
        shelf.put(key)
        await fanout.advance()
        await settle()
    assert [(news.start, news.end) for news in taken] == [(0, 0), (0, 1), (1, 2)]
    assert fanout.followers == 1
    shelf.epoch, shelf.head = "F", 0
    await fanout.advance()
    await settle()
    assert json.loads(taken[-1].json) == {"reset": True, "epoch": "F", "head": 0}
    fanout.end()
    await following
    assert fanout.followers == 0


async def test_follower_that_comes_late_gets_what_it_missed(shelf: Shelf, fanout: Fanout) -> None:
    for key in "abc":
        shelf.put(key)
    await fanout.advance()
    frames = fanout.follow("E", 1)
    missed = await anext(frames)
    assert [record["key"] for record in json.loads(missed.json)["records"]] == ["b", "c"]
    await frames.aclose()


async def late_follower(shelf: Shelf, fanout: Fanout) -> AsyncGenerator[Frame, None]:
    """A follower whose missed records are not in memory and must be read."""
    shelf.put("a")
    await fanout.advance()
    fanout.history.clear()
    return fanout.follow("E", 0)


async def test_follower_that_comes_late_waits_for_a_store_that_is_away(shelf: Shelf, fanout: Fanout) -> None:
    frames = await late_follower(shelf, fanout)
    shelf.troubles = [Outage("The database is unavailable.", "Wait for it.")]
    async with asyncio.timeout(fanout_module.RETRY_PAUSE + 5):
        missed = await anext(frames)
    assert [record["key"] for record in json.loads(missed.json)["records"]] == ["a"]
    await frames.aclose()


async def test_follower_that_waits_for_the_store_is_let_go_when_the_server_stops(shelf: Shelf, fanout: Fanout) -> None:
    frames = await late_follower(shelf, fanout)
    shelf.troubles = [Outage("The database is unavailable.", "Wait for it.")]
    taking = asyncio.create_task(anext(frames, None))
    await settle()
    fanout.end()
    assert await asyncio.wait_for(taking, fanout_module.RETRY_PAUSE + 5) is None


async def test_follower_that_comes_late_to_a_channel_that_is_gone_ends_and_tells_the_others(
    shelf: Shelf, fanout: Fanout
) -> None:
    wire: list[bytes] = []
    await fanout.join(Reader(wire.append), "E", 0)
    frames = await late_follower(shelf, fanout)
    running = asyncio.create_task(fanout.run())
    await settle()
    shelf.gone = True
    assert [news async for news in frames] == []
    assert fanout.gone
    await asyncio.wait_for(running, 30)
    assert wire.count(close_frame(4404, "This wall has been removed.")) == 1
