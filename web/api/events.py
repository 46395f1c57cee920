"""A channel's frames as server-sent events, for one reader, and the position at which a reader begins."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Any, Final

from fastapi import Header, Query
from fastapi.responses import StreamingResponse

from aggregator.channel.fanout import Fanout
from aggregator.channel.history import FRAME_RECORDS
from aggregator.store.errors import Outage
from web.throttle import Throttle, Throttled

FROM_NOW_ON: Final = -1
"""A position that no reader can have: the first frame is a reset with the channel's head."""
EVENT_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
EVENTS: Final[dict[str, Any]] = {
    "description": "Frames, until you disconnect.",
    "content": {"text/event-stream": {"example": 'id: 4h3HNABKhC78:119\ndata: {"epoch":"4h3HNABKhC78",…}\n\n'}},
}

MayGoOn = Callable[[], Awaitable[bool]]


def asked_position(
    *,
    epoch: str = "",
    since: int = FROM_NOW_ON,
    last_event_id: Annotated[str, Header()] = "",
    last_event_id_again: Annotated[str, Query(alias="lastEventId")] = "",
) -> tuple[str, int]:
    """The position that a request for events names: by the id of its last event, or by `epoch` and `since`."""
    return _position(last_event_id or last_event_id_again) or (epoch, since)


def affordable(throttle: Throttle | None, visitor: str, fanout: Fanout, position: tuple[str, int]) -> tuple[str, int]:
    """Return the reader's position, or FROM_NOW_ON if this visitor has reached the request limit.

    Only positions that need a read of the database count. Positions in the fanout's history are free, so that a hall
    behind one address can reconnect at once, and so are those a little ahead of this process: one refresh serves them
    all. The snapshot, to which a reset leads, is read once for all readers.
    """
    epoch, seq = position
    at_hand = seq <= fanout.head + FRAME_RECORDS and fanout.history.leads(seq, fanout.head)
    if throttle is None or epoch != fanout.epoch or seq < 0 or at_hand:
        return position
    try:
        throttle.take(visitor)
    except Throttled:
        return "", FROM_NOW_ON
    return position


def stream(fanout: Fanout, epoch: str, seq: int, may_go_on: MayGoOn | None = None) -> StreamingResponse:
    """The reply whose events are the channel's frames. It ends before the first frame for which `may_go_on` is false.

    It ends if the database is unavailable, too; a reader that reconnects gets a 503.
    """

    async def events() -> AsyncIterator[bytes]:
        with suppress(Outage):
            async for frame in fanout.follow(epoch, seq):
                if may_go_on is not None and not await may_go_on():
                    return
                yield frame.event

    return StreamingResponse(events(), media_type="text/event-stream", headers=EVENT_HEADERS)


def _position(event_id: str) -> tuple[str, int] | None:
    """The position in an event id of ours, `EPOCH:SEQ`."""
    epoch, _, seq = event_id.rpartition(":")
    return (epoch, int(seq)) if epoch and re.fullmatch("[0-9]{1,18}", seq) else None
