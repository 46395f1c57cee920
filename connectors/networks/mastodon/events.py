"""From the messages of a stream to events, each by itself: https://docs.joinmastodon.org/methods/streaming/#events.

`read_events` runs in the sandbox; a message that crashes it is lost alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from connectors.contract import Value
from connectors.contract.fields import count, id_of, string
from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.networks.mastodon.posts import NETWORK
from connectors.networks.mastodon.reading import ParsedStatus, read_all
from connectors.sandbox import SandboxCrashed
from connectors.text.hashtags import MAX_TAG, fold
from connectors.text.lenient_json import decode

POSTED: Final = frozenset({"update", "status.update"})
UNREADABLE: Final = "Unreadable event of a stream: reading it takes too long, or crashes the reader."


class StreamEvent(Value, frozen=True):
    """One event. `tag` is the hashtag of the stream that tells it, in normal form; empty if the server names none.

    It has a `status` that was written or edited, or the id of one that was `deleted`, or a `refusal` (an HTTP status),
    or nothing that concerns a wall. `broken` says why it could not be read.
    """

    tag: str = ""
    status: ParsedStatus | None = None
    deleted: str = ""
    refusal: int = 0
    broken: str = ""


async def events_of(http: Http, messages: Sequence[bytes]) -> list[StreamEvent]:
    """The events of some messages, in their order. Raises nothing: what crashes the reader is `broken`."""
    try:
        return await _read(http, messages)
    except SandboxCrashed:
        if len(messages) == 1:
            return [StreamEvent(broken=UNREADABLE)]
    return [event for message in messages for event in await events_of(http, [message])]


async def _read(http: Http, messages: Sequence[bytes]) -> list[StreamEvent]:
    at = http.now().isoformat()
    return await http.sandbox(NETWORK).run(
        read_events, list(messages), at, returns=list[StreamEvent], raises=InvalidResponse
    )


# --- in the sandbox ---------------------------------------------------------------------------------------------


def read_events(messages: list[bytes], at: str) -> list[StreamEvent]:
    """The events of some messages; `at` replaces a time of a status that can't be read."""
    return [_event(message, at) for message in messages]


def _event(message: bytes, at: str) -> StreamEvent:
    """One event. Never raises."""
    try:
        data = decode(message)
    except ValueError:
        return StreamEvent(broken="Unreadable event of a stream: it is not JSON.")
    if not isinstance(data, dict):
        return StreamEvent(broken="Unreadable event of a stream: it is not an object.")
    tag, payload = _tag(data.get("stream")), data.get("payload")
    if "error" in data and "event" not in data:
        return StreamEvent(tag=tag, refusal=count(data.get("status")) or 400)
    if data.get("event") == "delete":
        return StreamEvent(tag=tag, deleted=id_of({"id": payload}))
    if data.get("event") not in POSTED:
        return StreamEvent()
    return _posted(tag, payload, at)


def _posted(tag: str, payload: Any, at: str) -> StreamEvent:
    """A status, which is JSON inside of a string; some programs send the object itself."""
    raw = payload.encode("utf-8", "replace") if isinstance(payload, str) else msgspec.json.encode(payload)
    try:
        [encoded] = read_all(raw, at)
    except (InvalidResponse, ValueError):
        return StreamEvent(tag=tag, broken="Unreadable event of a stream: it has no post.")
    status = msgspec.msgpack.decode(encoded, type=ParsedStatus)
    return StreamEvent(tag=tag, broken=status.broken, status=None if status.broken else status)


def _tag(stream: Any) -> str:
    """The hashtag that `["hashtag", "Socitm09"]` names."""
    named = stream[1] if isinstance(stream, list) and len(stream) > 1 else ""
    return fold(string(named, MAX_TAG))
