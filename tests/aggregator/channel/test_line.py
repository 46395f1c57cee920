"""Spreading frames and catching up, with a store made of a list and readers made of lists."""

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.channel import line as line_module
from aggregator.channel.frames import Frame, farewell
from aggregator.channel.line import Line, Reader
from aggregator.channel.publish import NoChannel
from aggregator.channel.read import Batch
from aggregator.channel.tables import Record


class Shelf:
    """A channel's records in memory: what `since` would read."""

    def __init__(self) -> None:
        self.epoch = "E"
        self.records: dict[str, Record] = {}
        self.head = 0
        self.reads: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.gone = False

    def put(self, key: str, body: bytes | None = b"{}") -> None:
        self.head += 1
        self.records[key] = Record(channel_id="c", kind="post", key=key, seq=self.head, at=0, body=body)

    async def load(self, seq: int, limit: int) -> Batch:
        self.reads.append(seq)
        await self.gate.wait()
        if self.gone:
            raise NoChannel("There is no channel “c”.")
        newer = sorted((r for r in self.records.values() if r.seq > seq), key=lambda r: r.seq)
        return Batch(self.epoch, self.head, tuple(newer[:limit]))


class Phone:
    """A reader that keeps the frames it was written, decoded."""

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


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def line(shelf: Shelf) -> Line:
    return Line(shelf.load, "E", 0)


async def test_line_spreads_a_frame_to_every_reader(shelf: Shelf, line: Line) -> None:
    phones = [Phone(), Phone()]
    for phone in phones:
        await line.join(phone.reader, "E", 0)
    shelf.put("a")
    assert await line.advance() is False
    assert [phone.keys for phone in phones] == [["a"], ["a"]]
    assert [phone.reader.seq for phone in phones] == [1, 1]


async def test_line_greets_a_reader_that_is_up_to_date_with_a_heartbeat(line: Line) -> None:
    phone = Phone()
    await line.join(phone.reader, "E", 0)
    assert phone.frames == [{"epoch": "E", "from": 0, "to": 0, "records": []}]


@pytest.mark.parametrize(("epoch", "seq"), [("other", 0), ("E", 99), ("E", -1), ("", -1)])
async def test_line_resets_a_reader_whose_place_means_nothing(line: Line, epoch: str, seq: int) -> None:
    phone = Phone()
    await line.join(phone.reader, epoch, seq)
    assert phone.frames == [{"reset": True, "epoch": "E", "head": 0}]


async def test_line_believes_a_reader_that_has_read_further_than_itself(shelf: Shelf, line: Line) -> None:
    shelf.put("a")
    shelf.put("b")
    phone = Phone()
    await line.join(phone.reader, "E", 2)
    assert phone.frames == [{"epoch": "E", "from": 2, "to": 2, "records": []}]


async def test_line_lets_a_late_reader_catch_up(shelf: Shelf, line: Line) -> None:
    for key in "abc":
        shelf.put(key)
    await line.advance()
    phone = Phone()
    await line.join(phone.reader, "E", 1)
    await settle()
    assert phone.keys == ["b", "c"]
    assert not phone.reader.behind


async def test_line_reads_once_for_all_who_ask_at_the_same_time(shelf: Shelf, line: Line) -> None:
    for key in "abc":
        shelf.put(key)
    await line.advance()
    shelf.reads.clear()
    phones = [Phone() for _ in range(50)]
    for phone in phones:
        await line.join(phone.reader, "E", 1)
    await settle()
    assert {tuple(phone.keys) for phone in phones} == {("b", "c")}
    assert shelf.reads == [1]


async def test_line_takes_missed_frames_from_memory(shelf: Shelf, line: Line) -> None:
    for key in "ab":
        shelf.put(key)
        await line.advance()
    shelf.reads.clear()
    assert [(await line.after(0)).end, (await line.after(1)).end] == [1, 2]
    assert shelf.reads == []


async def test_line_forgets_frames_whose_content_was_taken_away(shelf: Shelf, line: Line) -> None:
    shelf.put("a", b'"secret"')
    await line.advance()
    shelf.put("a", None)
    await line.advance()
    missed = await line.after(0)
    assert json.loads(missed.json)["records"] == [
        {"seq": 2, "kind": "post", "key": "a", "at": "1970-01-01T00:00:00.000000Z", "body": None}
    ]


async def test_line_memory_is_bounded(shelf: Shelf, line: Line) -> None:
    for n in range(line_module.RING_FRAMES + 10):
        shelf.put(str(n))
        await line.advance()
    assert len(line._ring) == line_module.RING_FRAMES


async def test_full_reader_is_skipped_and_served_from_its_own_place_once_drained(shelf: Shelf, line: Line) -> None:
    slow, quick = Phone(), Phone()
    for phone in (slow, quick):
        await line.join(phone.reader, "E", 0)
    slow.reader.filled()
    for key in "abc":
        shelf.put(key)
        await line.advance()
    assert (slow.keys, quick.keys) == ([], ["a", "b", "c"])
    slow.reader.drained()
    await settle()
    assert (slow.keys, slow.gapless, slow.reader.behind) == (["a", "b", "c"], True, False)


async def test_reader_that_fills_while_catching_up_is_left_until_it_drains(shelf: Shelf, line: Line) -> None:
    for key in "ab":
        shelf.put(key)
        await line.advance()
    phone = Phone()
    full_after_one = phone.take

    def take(wire: bytes) -> None:
        full_after_one(wire)
        phone.reader.filled()

    phone.reader.write = take
    await line.join(phone.reader, "E", 0)
    await settle()
    assert phone.keys == ["a"]
    phone.reader.write = full_after_one
    phone.reader.drained()
    await settle()
    assert (phone.keys, phone.gapless) == (["a", "b"], True)


async def test_reader_that_could_not_catch_up_tries_again(shelf: Shelf, line: Line) -> None:
    shelf.put("a")
    await line.advance()
    line._ring.clear()
    phone, failures = Phone(), [OSError("the store is away")]

    async def load(seq: int, limit: int) -> Batch:
        if failures:
            raise failures.pop()
        return await shelf.load(seq, limit)

    line._load = load
    await line.join(phone.reader, "E", 0)
    async with asyncio.timeout(line_module.PATIENCE + 5):
        while phone.reader.behind:
            await asyncio.sleep(0.01)
    assert phone.keys == ["a"]


async def test_reader_whose_transport_is_closed_takes_no_frame_from_the_others(shelf: Shelf, line: Line) -> None:
    """uvloop's transports raise when they are written to after their end, which the application hears of later."""

    def closed(_wire: bytes) -> None:
        raise RuntimeError("the handler is closed")

    phones = [Phone() for _ in range(20)]
    for phone in phones:
        await line.join(phone.reader, "E", 0)
    phones[7].reader.write = closed
    phones[7].reader.lost()
    shelf.put("a")
    await line.advance()
    line.beat()
    assert [phone.keys for phone in phones] == [["a"]] * 7 + [[]] + [["a"]] * 12


async def test_reader_that_left_is_written_no_more(shelf: Shelf, line: Line) -> None:
    phone = Phone()
    await line.join(phone.reader, "E", 0)
    line.leave(phone.reader)
    phone.reader.drained()
    shelf.put("a")
    await line.advance()
    assert (phone.keys, line.idle) == ([], True)


async def test_reader_that_leaves_while_its_frames_are_read_is_written_no_more(shelf: Shelf, line: Line) -> None:
    shelf.put("a")
    await line.advance()
    line._ring.clear()
    shelf.gate.clear()
    phone = Phone()
    await line.join(phone.reader, "E", 0)
    await settle()
    line.leave(phone.reader)
    shelf.gate.set()
    await settle()
    assert phone.frames == []


async def test_line_begins_again_when_the_channel_is_another_one(shelf: Shelf, line: Line) -> None:
    phone, full = Phone(), Phone()
    for reader in (phone.reader, full.reader):
        await line.join(reader, "E", 0)
    full.reader.filled()
    shelf.epoch, shelf.head = "F", 4
    await line.advance()
    assert phone.frames[-1] == {"reset": True, "epoch": "F", "head": 4}
    assert [frame.get("reset") for frame in full.frames] == [None]
    shelf.put("new")
    await line.advance()
    full.reader.drained()
    await settle()
    assert (phone.keys, full.keys) == (["new"], ["new"])


async def test_catching_up_on_a_channel_that_shrank_waits_for_the_reset(shelf: Shelf, line: Line) -> None:
    shelf.put("a")
    await line.advance()
    line._ring.clear()
    shelf.records.clear()
    shelf.epoch, shelf.head = "F", 0
    phone = Phone()
    await line.join(phone.reader, "E", 0)
    await settle()
    assert (phone.frames, line.moved.is_set()) == ([], True)
    await line.advance()
    assert phone.frames == [{"reset": True, "epoch": "F", "head": 0}]


async def test_line_runs_by_itself_and_shares_a_frame_within_the_window(shelf: Shelf, line: Line) -> None:
    phone = Phone()
    await line.join(phone.reader, "E", 0)
    running = asyncio.create_task(line.run())
    shelf.put("first")
    line.moved.set()
    await settle()
    assert phone.keys == ["first"]
    for key in "abc":
        shelf.put(key)
        line.moved.set()
    await settle()
    assert phone.keys == ["first"]
    await asyncio.sleep(line_module.WINDOW * 2)
    assert [len(frame["records"]) for frame in phone.frames] == [0, 1, 3]
    running.cancel()


async def test_line_sends_the_rest_of_a_large_batch(shelf: Shelf, line: Line) -> None:
    phone = Phone()
    await line.join(phone.reader, "E", 0)
    for n in range(line_module.FRAME_RECORDS + 1):
        shelf.put(str(n))
    running = asyncio.create_task(line.run())
    line.moved.set()
    await asyncio.sleep(line_module.WINDOW * 2)
    assert [len(frame["records"]) for frame in phone.frames] == [0, line_module.FRAME_RECORDS, 1]
    running.cancel()


async def test_line_survives_a_store_that_cannot_be_read(line: Line) -> None:
    async def broken(seq: int, limit: int) -> Batch:
        raise OSError("no disk")

    line._load = broken
    assert await line._step() == line_module.PATIENCE
    assert line.moved.is_set()


async def test_line_of_a_channel_that_is_gone_sends_everybody_away_and_ends(shelf: Shelf, line: Line) -> None:
    wires: list[list[bytes]] = [[], [], []]
    quick, full, late = (Reader(wire.append) for wire in wires)
    for reader in (quick, full):
        await line.join(reader, "E", 0)
    full.filled()
    followed = line.follow("E", 0)
    await anext(followed)
    shelf.gone = True
    line.moved.set()
    await asyncio.wait_for(line.run(), 5)
    await line.join(late, "E", 0)
    assert [wire[-1] for wire in wires] == [farewell(4404, "This wall is no longer there.")] * 3
    assert [news async for news in followed] == []


async def test_reader_that_catches_up_on_a_channel_that_is_gone_is_left_alone(shelf: Shelf, line: Line) -> None:
    shelf.put("a")
    await line.advance()
    line._ring.clear()
    shelf.gone = True
    phone = Phone()
    await line.join(phone.reader, "E", 0)
    await settle()
    assert (phone.frames, line._helping) == ([], set())


async def test_heartbeat_reaches_those_who_are_up_to_date(line: Line) -> None:
    phone, full = Phone(), Phone()
    for reader in (phone.reader, full.reader):
        await line.join(reader, "E", 0)
    full.reader.filled()
    line.beat()
    assert [len(phone.frames), len(full.frames)] == [2, 1]


async def test_follower_takes_the_same_frames_at_its_own_pace(shelf: Shelf, line: Line) -> None:
    taken: list[Frame] = []

    async def follow() -> None:
        async for news in line.follow("E", 0):
            taken.append(news)  # noqa: PERF401  (the list is watched while it grows)

    following = asyncio.create_task(follow())
    await settle()
    for key in "ab":
        shelf.put(key)
        await line.advance()
        await settle()
    assert [(news.start, news.end) for news in taken] == [(0, 0), (0, 1), (1, 2)]
    assert line.followers == 1
    shelf.epoch, shelf.head = "F", 0
    await line.advance()
    await settle()
    assert json.loads(taken[-1].json) == {"reset": True, "epoch": "F", "head": 0}
    line.end()
    await following
    assert line.idle


async def test_follower_that_comes_late_gets_what_it_missed(shelf: Shelf, line: Line) -> None:
    for key in "abc":
        shelf.put(key)
    await line.advance()
    frames = line.follow("E", 1)
    missed = await anext(frames)
    assert [record["key"] for record in json.loads(missed.json)["records"]] == ["b", "c"]
    await frames.aclose()


steps = st.lists(st.sampled_from(["put", "hide", "advance", "fill", "drain", "settle"]), max_size=40)


@settings(max_examples=150, deadline=None)
@given(steps=steps)
async def test_every_reader_ends_with_what_the_channel_holds(steps: list[str]) -> None:
    """However slow a reader is, once it has drained its own state equals the channel's, without a gap on the way."""
    shelf = Shelf()
    line = Line(shelf.load, "E", 0)
    phone = Phone()
    await line.join(phone.reader, "E", 0)
    for n, step in enumerate(steps):
        if step == "put":
            shelf.put(str(n % 5), b"%d" % n)
        elif step == "hide":
            shelf.put(str(n % 5), None)
        elif step == "advance":
            await line.advance()
        elif step == "fill":
            phone.reader.filled()
        elif step == "drain":
            phone.reader.drained()
        else:
            await settle()
    phone.reader.drained()
    while await line.advance():
        pass
    await settle()
    state = {record["key"]: record["body"] for frame in phone.frames for record in frame["records"]}
    assert state == {key: None if r.body is None else json.loads(r.body) for key, r in shelf.records.items()}
    assert phone.gapless
