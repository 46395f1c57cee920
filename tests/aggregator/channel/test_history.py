"""Recent frames: returned from memory, read once for all callers, and dropped."""

import json

from aggregator.channel.fanout import Fanout
from aggregator.channel.history import RING_BYTES, RING_FRAMES
from tests.aggregator.channel.shelf import Phone, Shelf, settle


async def test_frame_is_read_once_for_all_who_ask_at_the_same_time(shelf: Shelf, fanout: Fanout) -> None:
    for key in "abc":
        shelf.put(key)
    await fanout.advance()
    shelf.reads.clear()
    phones = [Phone() for _ in range(50)]
    for phone in phones:
        await fanout.join(phone.reader, "E", 1)
    await settle()
    assert {tuple(phone.keys) for phone in phones} == {("b", "c")}
    assert shelf.reads == [1]


async def test_missed_frames_are_taken_from_memory(shelf: Shelf, fanout: Fanout) -> None:
    for key in "ab":
        shelf.put(key)
        await fanout.advance()
    shelf.reads.clear()
    assert [(await fanout.history.after(0)).end, (await fanout.history.after(1)).end] == [1, 2]
    assert shelf.reads == []


async def test_frames_are_forgotten_whose_content_was_taken_away(shelf: Shelf, fanout: Fanout) -> None:
    shelf.put("a", b'"secret"')
    await fanout.advance()
    shelf.put("a", None)
    await fanout.advance()
    missed = await fanout.history.after(0)
    assert json.loads(missed.json)["records"] == [
        {"seq": 2, "kind": "post", "key": "a", "at": "1970-01-01T00:00:00.000000Z", "body": None}
    ]


async def test_memory_leads_on_as_far_as_nothing_is_forgotten(shelf: Shelf, fanout: Fanout) -> None:
    for key in "abc":
        shelf.put(key)
        await fanout.advance()
    assert [fanout.history.leads(seq, 3) for seq in range(5)] == [True, True, True, True, True]
    shelf.put("b", None)
    await fanout.advance()
    assert [fanout.history.leads(seq, 4) for seq in range(5)] == [False, False, True, True, True]


async def test_memory_of_frames_is_bounded(shelf: Shelf, fanout: Fanout) -> None:
    for n in range(RING_FRAMES + 10):
        shelf.put(str(n))
        await fanout.advance()
    assert len(fanout.history) == RING_FRAMES


async def test_memory_of_large_frames_is_bounded_by_their_size(shelf: Shelf, fanout: Fanout) -> None:
    body = b'"%s"' % (b"x" * (RING_BYTES // 3))
    for n in range(9):
        shelf.put(str(n), body)
        await fanout.advance()
    assert len(fanout.history) == 2
    shelf.put("8", None)
    await fanout.advance()
    for n in range(9, 12):
        shelf.put(str(n), body)
        await fanout.advance()
    assert len(fanout.history) == 2


async def test_frame_larger_than_the_memory_is_spread_and_not_kept(shelf: Shelf, fanout: Fanout) -> None:
    phone = Phone()
    await fanout.join(phone.reader, "E", 0)
    shelf.put("a", b'"%s"' % (b"x" * RING_BYTES))
    await fanout.advance()
    assert (phone.keys, len(fanout.history)) == (["a"], 0)
