"""Frames as bytes."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.frames import Close
from websockets.frames import Frame as PeerFrame
from websockets.streams import StreamReader

from aggregator.channel.frames import close_frame, frame, framed, reset, to_json
from aggregator.channel.read import Batch
from aggregator.channel.tables import Record
from aggregator.timestamps import from_wire

POST = Record(channel_id="a/wall", kind="post", key="k", seq=5, at=1255339800_000000, body=b'{"html":"<p>hi</p>"}')
GONE = Record(channel_id="a/wall", kind="post", key="g", seq=6, at=0, body=None)


def read_by_a_peer(data: bytes) -> bytes:
    """Return the payload as the websockets library reads it: one complete, unmasked text frame, and no further byte."""
    stream = StreamReader()
    stream.feed_data(data)
    reading = PeerFrame.parse(stream.read_exact, mask=False)
    with pytest.raises(StopIteration) as end:
        next(reading)
    read = end.value.value
    assert (read.opcode, read.fin) == (1, True)
    stream.feed_eof()
    next(closing := stream.at_eof(), None)
    closing.close()
    return bytes(read.data)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 200_000])
def test_framed_is_read_back_by_another_implementation(size: int) -> None:
    payload = b"x" * size
    assert read_by_a_peer(framed(payload)) == payload


def test_farewell_is_read_as_a_close_by_another_implementation() -> None:
    stream = StreamReader()
    stream.feed_data(close_frame(4404, "Über"))
    parsing = PeerFrame.parse(stream.read_exact, mask=False)
    with pytest.raises(StopIteration) as parsed:
        next(parsing)
    assert Close.parse(parsed.value.value.data) == Close(4404, "Über")
    with pytest.raises(ValueError, match="at most 125"):
        close_frame(4404, "x" * 124)


def test_frame_holds_its_records_in_order() -> None:
    news = frame("E", 4, 6, [POST, GONE])
    assert json.loads(news.json) == {
        "epoch": "E",
        "from": 4,
        "to": 6,
        "records": [
            {"seq": 5, "kind": "post", "key": "k", "at": "2009-10-12T09:30:00.000000Z", "body": {"html": "<p>hi</p>"}},
            {"seq": 6, "kind": "post", "key": "g", "at": "1970-01-01T00:00:00.000000Z", "body": None},
        ],
    }
    assert news.keys == {("post", "k"), ("post", "g")}
    assert news.gone == {("post", "g")}
    assert read_by_a_peer(news.wire) == news.json


def test_frame_is_encoded_once() -> None:
    news = frame("E", 4, 6, [POST])
    assert news.wire is news.wire


def test_event_brings_a_reader_back_to_its_place() -> None:
    news = frame("E", 4, 6)
    assert news.event == b'id: E:6\ndata: {"epoch":"E","from":4,"to":6,"records":[]}\n\n'


def test_reset_says_where_the_channel_stands() -> None:
    assert msgspec.json.decode(reset("E", 9).json) == {"reset": True, "epoch": "E", "head": 9}


def test_reply_has_the_head() -> None:
    assert json.loads(to_json(Batch("E", 9, ()))) == {"epoch": "E", "head": 9, "records": []}


GOLDEN = json.loads((Path(__file__).parents[2] / "fixtures" / "frames.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["about"])
def test_golden_frames_are_what_we_send(case: dict[str, Any]) -> None:
    """The browser side's tests read the same file."""
    for expected in case["frames"]:
        records = [
            Record(
                channel_id="c",
                kind=record["kind"],
                key=record["key"],
                seq=record["seq"],
                at=from_wire(record["at"]),
                body=None if record["body"] is None else msgspec.json.encode(record["body"]),
            )
            for record in expected["records"]
        ]
        assert frame("E", expected["from"], expected["to"], records).json.decode() == expected["text"]
