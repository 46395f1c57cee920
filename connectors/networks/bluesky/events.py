"""From Jetstream's messages to events, each by itself: https://github.com/bluesky-social/jetstream.

`read_events` runs in the sandbox; a message that crashes it is lost alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from connectors.contract import Value
from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.networks.bluesky.addresses import DID, NETWORK, RECORD_KEY
from connectors.networks.bluesky.facets import rich_text
from connectors.networks.bluesky.posts import tags_of
from connectors.networks.bluesky.values import string
from connectors.sandbox import SandboxCrashed
from connectors.text.lenient_json import decode

POST: Final = "app.bsky.feed.post"
REPOST: Final = "app.bsky.feed.repost"
UNREADABLE: Final = "Unreadable event of Jetstream: reading it takes too long, or crashes the reader."
STRANGE: Final = "Unreadable event of Jetstream: its account, record or time is missing or invalid."


class StreamEvent(Value, frozen=True):
    """One event at `time` (µs), in the repository of `did`.

    `uri` is that of the post that was written, edited (`edited`) or deleted (`deleted`), with the `cid` and the `tags`
    of its record; or that the account has reposted: then `repost` is the repost's own. `left` means that the account
    has ended or is suspended. `error` is the name of Jetstream's own error, `broken` says why a message could not be
    read.
    """

    time: int = 0
    did: str = ""
    uri: str = ""
    cid: str = ""
    tags: tuple[str, ...] = ()
    edited: bool = False
    deleted: bool = False
    repost: str = ""
    left: bool = False
    error: str = ""
    broken: str = ""

    @property
    def id(self) -> str:
        """The URI by which listings have the entry: of the post, or of the repost."""
        return self.repost or self.uri


async def events_of(http: Http, messages: Sequence[bytes]) -> list[StreamEvent]:
    """The events of some messages, in their order. Raises nothing: what crashes the reader is `broken`."""
    try:
        return await http.sandbox(NETWORK).run(
            read_events, list(messages), returns=list[StreamEvent], raises=InvalidResponse
        )
    except SandboxCrashed:
        if len(messages) == 1:
            return [StreamEvent(broken=UNREADABLE)]
    return [event for message in messages for event in await events_of(http, [message])]


# --- in the sandbox ---------------------------------------------------------------------------------------------


def read_events(messages: list[bytes]) -> list[StreamEvent]:
    """The events of some messages."""
    return [_event(message) for message in messages]


def _event(message: bytes) -> StreamEvent:
    """One event. Never raises."""
    try:
        data = decode(message)
        if isinstance(data, dict) and isinstance(data.get("error"), str) and "did" not in data:
            return StreamEvent(error=string(data["error"], 100))
        time, did = data["time_us"], data["did"]
        if not (isinstance(time, int) and isinstance(did, str) and DID.fullmatch(did)):
            return StreamEvent(broken=STRANGE)
        return _meant(data, time, did)
    except (ValueError, KeyError, TypeError):
        return StreamEvent(broken=STRANGE)


def _meant(data: dict[str, Any], time: int, did: str) -> StreamEvent:
    """The event of an account. Raises KeyError and TypeError."""
    if data.get("kind") == "account":
        return StreamEvent(time=time, did=did, left=data["account"].get("active") is False)
    if data.get("kind") != "commit":
        return StreamEvent(time=time, did=did)
    commit = data["commit"]
    operation, collection, key = commit["operation"], commit["collection"], commit["rkey"]
    if collection not in (POST, REPOST) or not RECORD_KEY.fullmatch(key):
        return StreamEvent(time=time, did=did)
    uri = f"at://{did}/{collection}/{key}"
    if operation == "delete":  # an undone repost is found by the next poll
        return StreamEvent(time=time, did=did, uri=uri, deleted=True) if collection == POST else StreamEvent(time=time)
    record = commit["record"]
    if collection == REPOST:
        return StreamEvent(time=time, did=did, uri=string(record["subject"]["uri"], 1_000), repost=uri)
    tags = tags_of(record, rich_text(record.get("text"), record.get("facets")).tags)
    cid = string(commit.get("cid"), 200)
    return StreamEvent(time=time, did=did, uri=uri, cid=cid, tags=tags, edited=operation == "update")
