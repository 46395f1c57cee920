"""Readers that fall behind: skipped while full, served from their own position, dropped once closed."""

import asyncio
import gc
import json
from weakref import WeakSet

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.channel import fanout as fanout_module
from aggregator.channel.fanout import Fanout
from tests.aggregator.channel.shelf import Phone, Shelf, settle


async def test_full_reader_is_skipped_and_served_from_its_own_place_once_drained(shelf: Shelf, fanout: Fanout) -> None:
    slow, quick = Phone(), Phone()
    for phone in (slow, quick):
        await fanout.join(phone.reader, "E", 0)
    slow.reader.filled()
    for key in "abc":
        shelf.put(key)
        await fanout.advance()
    assert (slow.keys, quick.keys) == ([], ["a", "b", "c"])
    slow.reader.drained()
    await settle()
    assert (slow.keys, slow.gapless, slow.reader.behind) == (["a", "b", "c"], True, False)


async def test_reader_that_fills_while_catching_up_is_left_until_it_drains(shelf: Shelf, fanout: Fanout) -> None:
    for key in "ab":
        shelf.put(key)
        await fanout.advance()
    phone = Phone()
    full_after_one = phone.take

    def take(wire: bytes) -> None:
        full_after_one(wire)
        phone.reader.filled()

    phone.reader.write = take
    await fanout.join(phone.reader, "E", 0)
    await settle()
    assert phone.keys == ["a"]
    phone.reader.write = full_after_one
    phone.reader.drained()
    await settle()
    assert (phone.keys, phone.gapless) == (["a", "b"], True)


async def test_reader_that_could_not_catch_up_tries_again(shelf: Shelf, fanout: Fanout) -> None:
    shelf.put("a")
    await fanout.advance()
    fanout.history.clear()
    phone = Phone()
    shelf.troubles = [OSError("the store is unavailable")]
    await fanout.join(phone.reader, "E", 0)
    async with asyncio.timeout(fanout_module.RETRY_PAUSE + 5):
        while phone.reader.behind:
            await asyncio.sleep(0.01)
    assert (phone.keys, shelf.troubles) == (["a"], [])


async def test_reader_whose_transport_is_closed_takes_no_frame_from_the_others(shelf: Shelf, fanout: Fanout) -> None:
    """Uvloop's transports raise on a write after they were closed, of which the application is notified later."""

    def closed(_wire: bytes) -> None:
        raise RuntimeError("the handler is closed")

    phones = [Phone() for _ in range(20)]
    for phone in phones:
        await fanout.join(phone.reader, "E", 0)
    phones[7].reader.write = closed
    phones[7].reader.lost()
    shelf.put("a")
    await fanout.advance()
    fanout.send_heartbeat()
    assert [phone.keys for phone in phones] == [["a"]] * 7 + [[]] + [["a"]] * 12


async def test_reader_that_left_is_written_no_more(shelf: Shelf, fanout: Fanout) -> None:
    phone = Phone()
    await fanout.join(phone.reader, "E", 0)
    fanout.leave(phone.reader)
    phone.reader.drained()
    shelf.put("a")
    await fanout.advance()
    assert (phone.keys, fanout.readers) == ([], set())


async def test_reader_that_leaves_while_its_frames_are_read_is_written_no_more(shelf: Shelf, fanout: Fanout) -> None:
    shelf.put("a")
    await fanout.advance()
    fanout.history.clear()
    shelf.gate.clear()
    phone = Phone()
    await fanout.join(phone.reader, "E", 0)
    await settle()
    fanout.leave(phone.reader)
    shelf.gate.set()
    await settle()
    assert phone.frames == []


async def test_catching_up_on_a_channel_that_shrank_waits_for_the_reset(shelf: Shelf, fanout: Fanout) -> None:
    shelf.put("a")
    await fanout.advance()
    fanout.history.clear()
    shelf.records.clear()
    shelf.epoch, shelf.head = "F", 0
    phone = Phone()
    await fanout.join(phone.reader, "E", 0)
    await settle()
    assert (phone.frames, fanout.changed.is_set()) == ([], True)
    await fanout.advance()
    assert phone.frames == [{"reset": True, "epoch": "F", "head": 0}]


async def test_reader_that_catches_up_on_a_channel_that_is_gone_is_left_alone(shelf: Shelf, fanout: Fanout) -> None:
    shelf.put("a")
    await fanout.advance()
    fanout.history.clear()
    shelf.gone = True
    phone = Phone()
    before = asyncio.all_tasks()
    await fanout.join(phone.reader, "E", 0)
    catching_up = WeakSet(asyncio.all_tasks() - before)
    assert len(catching_up) == 1
    await settle()
    gc.collect()
    assert (phone.frames, len(catching_up)) == ([], 0)


steps = st.lists(st.sampled_from(["put", "hide", "advance", "fill", "drain", "settle"]), max_size=40)


@settings(max_examples=150, deadline=None)
@given(steps=steps)
async def test_every_reader_ends_with_what_the_channel_holds(steps: list[str]) -> None:
    """However slow a reader is, once drained its state equals the channel's, without a gap on the way."""
    shelf = Shelf()
    fanout = Fanout(shelf.load, "E", 0)
    phone = Phone()
    await fanout.join(phone.reader, "E", 0)
    for n, step in enumerate(steps):
        if step == "put":
            shelf.put(str(n % 5), b"%d" % n)
        elif step == "hide":
            shelf.put(str(n % 5), None)
        elif step == "advance":
            await fanout.advance()
        elif step == "fill":
            phone.reader.filled()
        elif step == "drain":
            phone.reader.drained()
        else:
            await settle()
    phone.reader.drained()
    while await fanout.advance():
        pass
    await settle()
    state = {record["key"]: record["body"] for frame in phone.frames for record in frame["records"]}
    assert state == {key: None if r.body is None else json.loads(r.body) for key, r in shelf.records.items()}
    assert phone.gapless
