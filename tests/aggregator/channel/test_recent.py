"""Recent frames: what is taken from memory, what is read once for all, what is forgotten."""

import json

from aggregator.channel.line import Line
from aggregator.channel.recent import RING_FRAMES
from tests.aggregator.channel.shelf import Phone, Shelf, settle


async def test_frame_is_read_once_for_all_who_ask_at_the_same_time(shelf: Shelf, line: Line) -> None:
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


async def test_missed_frames_are_taken_from_memory(shelf: Shelf, line: Line) -> None:
    for key in "ab":
        shelf.put(key)
        await line.advance()
    shelf.reads.clear()
    assert [(await line.recent.after(0)).end, (await line.recent.after(1)).end] == [1, 2]
    assert shelf.reads == []


async def test_frames_are_forgotten_whose_content_was_taken_away(shelf: Shelf, line: Line) -> None:
    shelf.put("a", b'"secret"')
    await line.advance()
    shelf.put("a", None)
    await line.advance()
    missed = await line.recent.after(0)
    assert json.loads(missed.json)["records"] == [
        {"seq": 2, "kind": "post", "key": "a", "at": "1970-01-01T00:00:00.000000Z", "body": None}
    ]


async def test_memory_of_frames_is_bounded(shelf: Shelf, line: Line) -> None:
    for n in range(RING_FRAMES + 10):
        shelf.put(str(n))
        await line.advance()
    assert len(line.recent) == RING_FRAMES
