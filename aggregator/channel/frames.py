"""Records as bytes: encoded as JSON and framed for WebSockets once for all readers. Described in docs/protocol.md."""

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
"""The close code that tells a reader not to reconnect."""
SHORT, LONG = 126, 127
"""Length bytes that announce an extended length of two bytes, or of eight."""


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
    """Return the reply of `GET …/records`."""
    return msgspec.json.encode(WireBatch(batch.epoch, batch.head, [to_record(record) for record in batch.records]))


def framed(payload: bytes) -> bytes:
    """Return `payload` as one unmasked WebSocket text frame."""
    size = len(payload)
    if size < SHORT:
        return bytes((TEXT, size)) + payload
    if size < 1 << 16:
        return bytes((TEXT, SHORT)) + size.to_bytes(2, "big") + payload
    return bytes((TEXT, LONG)) + size.to_bytes(8, "big") + payload


def close_frame(code: int, reason: str) -> bytes:
    """Return a WebSocket close frame (RFC 6455, section 5.5.1); the reader answers with its own."""
    payload = code.to_bytes(2, "big") + reason.encode()
    if len(payload) >= SHORT:
        raise ValueError("a close frame has at most 125 bytes")
    return bytes((CLOSE, len(payload))) + payload


@dataclass(frozen=True)
class Frame:
    """All records with `start < seq ≤ end`. `keys` names all of them, `gone` the tombstones."""

    epoch: str
    start: int
    end: int
    json: bytes
    keys: frozenset[tuple[str, str]] = frozenset()
    gone: frozenset[tuple[str, str]] = frozenset()

    @cached_property
    def wire(self) -> bytes:
        """The bytes for a WebSocket's transport."""
        return framed(self.json)

    @cached_property
    def event(self) -> bytes:
        """A server-sent event, whose id is the position at which a reader resumes."""
        return b"id: %s:%d\ndata: %s\n\n" % (self.epoch.encode(), self.end, self.json)


def frame(epoch: str, start: int, end: int, records: Sequence[Record] = ()) -> Frame:
    """Encode records once. Without records the frame is a heartbeat: a reader at `end` has missed nothing."""
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
    """Return the frame that tells a reader to start again from a snapshot, because its position is not valid."""
    return Frame(epoch, head, head, msgspec.json.encode(WireReset(reset=True, epoch=epoch, head=head)))
