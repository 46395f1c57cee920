"""Records as bytes: JSON once, WebSocket-framed once, the same bytes for every reader. Described in docs/protocol.md.

It knows no socket and no framework.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from aggregator.channel.read import Batch
from aggregator.channel.tables import Record
from aggregator.timestamps import to_wire

NOTHING = msgspec.Raw(b"null")
TEXT, CLOSE = 0x81, 0x88
"""A final WebSocket text frame, and a close frame (RFC 6455, section 5.2); servers never mask."""
NO_SUCH_WALL = 4404
"""The close code after which a reader need not come back."""
SHORT, LONG = 126, 127
"""Length bytes that announce a length of two bytes, or of eight."""


class WireRecord(msgspec.Struct, frozen=True):
    seq: int
    kind: str
    key: str
    at: str
    body: msgspec.Raw


class WireBatch(msgspec.Struct, frozen=True):
    epoch: str
    head: int
    records: list[WireRecord]


class WireFrame(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    epoch: str
    start: int
    end: int
    records: list[WireRecord]


class WireReset(msgspec.Struct, frozen=True):
    reset: bool
    epoch: str
    head: int


def to_record(record: Record) -> WireRecord:
    body = NOTHING if record.body is None else msgspec.Raw(record.body)
    return WireRecord(record.seq, record.kind, record.key, to_wire(record.at), body)


def to_json(batch: Batch) -> bytes:
    """The reply of `GET …/records`."""
    return msgspec.json.encode(WireBatch(batch.epoch, batch.head, [to_record(record) for record in batch.records]))


def framed(payload: bytes) -> bytes:
    """`payload` as one unmasked WebSocket text frame."""
    size = len(payload)
    if size < SHORT:
        return bytes((TEXT, size)) + payload
    if size < 1 << 16:
        return bytes((TEXT, SHORT)) + size.to_bytes(2, "big") + payload
    return bytes((TEXT, LONG)) + size.to_bytes(8, "big") + payload


def close_frame(code: int, reason: str) -> bytes:
    """The WebSocket frame that ends a connection (RFC 6455, section 5.5.1); the reader answers with its own."""
    payload = code.to_bytes(2, "big") + reason.encode()
    if len(payload) >= SHORT:
        raise ValueError("a close frame has at most 125 bytes")
    return bytes((CLOSE, len(payload))) + payload


@dataclass(frozen=True)
class Frame:
    """All records with `start < seq ≤ end`. `gone` and `keys` name what it takes away and what it holds."""

    epoch: str
    start: int
    end: int
    json: bytes
    keys: frozenset[tuple[str, str]] = frozenset()
    gone: frozenset[tuple[str, str]] = frozenset()

    @cached_property
    def wire(self) -> bytes:
        """For a WebSocket's transport, as it stands."""
        return framed(self.json)

    @cached_property
    def event(self) -> bytes:
        """As a server-sent event, whose id brings a reader back to this very place."""
        return b"id: %s:%d\ndata: %s\n\n" % (self.epoch.encode(), self.end, self.json)


def frame(epoch: str, start: int, end: int, records: Sequence[Record] = ()) -> Frame:
    """Encode records once. With none it is a heartbeat: it says that a reader at `end` has missed nothing."""
    wire = [to_record(record) for record in records]
    return Frame(
        epoch,
        start,
        end,
        msgspec.json.encode(WireFrame(epoch, start, end, wire)),
        frozenset((record.kind, record.key) for record in records),
        frozenset((record.kind, record.key) for record in records if record.body is None),
    )


def reset(epoch: str, head: int) -> Frame:
    """Tells a reader that its place means nothing here: begin again from the snapshot."""
    return Frame(epoch, head, head, msgspec.json.encode(WireReset(reset=True, epoch=epoch, head=head)))
