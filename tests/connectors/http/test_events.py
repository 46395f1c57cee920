"""Server-sent events by the HTML standard, however the bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http.events import MAX_EVENT, EventParser, EventTooLarge, ServerEvent

STREAM = (
    b"\xef\xbb\xbf: a comment\n\n"
    b"data: one\r\ndata:  two\r\n\r\n"
    b"event: update\rid: 7\rdata: {}\r\r"
    b"id: 8\nretry: 2500\n\n"
    b"data\n\n"
    b"id: \0\nunknown: x\ndata: caf\xc3\xa9 \xff\n\n"
    b"event: delete\ndata: cut off"
)
EVENTS = [
    ServerEvent("one\n two"),
    ServerEvent("{}", "update", "7"),
    ServerEvent("", "message", "8"),
    ServerEvent("café �", "message", "8"),
]


def parsed(pieces: list[bytes]) -> tuple[list[ServerEvent], float | None]:
    parser = EventParser()
    return [event for piece in pieces for event in parser.feed(piece)], parser.retry


def test_events_are_read_as_the_standard_has_them() -> None:
    assert parsed([STREAM]) == (EVENTS, 2.5)


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_events_are_the_same_however_the_stream_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(edges)]
    assert parsed(pieces) == (EVENTS, 2.5)


def test_event_that_goes_on_from_a_former_connection_keeps_its_id() -> None:
    assert list(EventParser("41").feed(b"data: x\n\n")) == [ServerEvent("x", "message", "41")]


@pytest.mark.parametrize("piece", [b"data: " + b"x" * 1000 + b"\n", b"x" * 1000], ids=["lines", "one line"])
def test_event_without_an_end_is_refused(piece: bytes) -> None:
    parser = EventParser()
    with pytest.raises(EventTooLarge):
        for _ in range(MAX_EVENT // 1000 + 1):
            assert list(parser.feed(piece)) == []
