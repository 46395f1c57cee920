"""The live ends of a channel: a WebSocket and server-sent events, carrying the same frames. See docs/protocol.md.

It owns how a reader comes and goes; what it gets, and when, is the hub's business.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Request, WebSocket
from fastapi.responses import StreamingResponse
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketDisconnect

from aggregator.channel.fanout import Fanout
from aggregator.channel.frames import NO_SUCH_WALL
from aggregator.channel.history import FRAME_RECORDS
from aggregator.channel.hub import Hub, NoChannel
from aggregator.store.errors import Outage
from web.api.shapes import replies
from web.connections import group
from web.throttle import Throttle, Throttled
from web.websocket import wire_of

SERVER_RESTARTS = 1012
MAX_REASON = 123
"""Bytes of a close frame's reason (RFC 6455, 5.5): 125 of a control frame, less two of the code."""
FROM_NOW_ON = -1
"""A place that no reader can have: the first frame is a reset, which says where the channel stands."""
EVENT_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

EVENTS: dict[str, Any] = {"description": "Frames, for as long as you listen.", "content": {"text/event-stream": {}}}


def router(hub: Hub, throttle: Throttle | None = None) -> APIRouter:
    routes = APIRouter(tags=["live"])

    @routes.websocket("/api/walls/{slug}/live")
    async def live(websocket: WebSocket, slug: str, epoch: str = "", since: int = FROM_NOW_ON) -> None:
        try:
            line = await hub.fanout(f"{slug}/wall")
        except NoChannel:
            await websocket.accept()
            await websocket.close(NO_SUCH_WALL, _reason(f"There is no wall “{slug}”."))
            return
        await websocket.accept()
        await _feed(websocket, line, *_affordable(throttle, websocket, line, epoch, since))

    @routes.get(
        "/api/walls/{slug}/live",
        summary="Listen without a WebSocket",
        response_class=StreamingResponse,
        responses=replies(EVENTS, 404, 422, 503),
    )
    async def events(
        slug: str,
        request: Request,
        *,
        epoch: str = "",
        since: int = FROM_NOW_ON,
        last_event_id: Annotated[str, Header()] = "",
        last_event_id_again: Annotated[str, Query(alias="lastEventId")] = "",
    ) -> StreamingResponse:
        """The frames of the WebSocket as server-sent events; each event's id is `EPOCH:SEQ`."""
        try:
            line = await hub.fanout(f"{slug}/wall")
        except NoChannel as missing:
            raise HTTPException(404, f"There is no wall “{slug}”.") from missing
        place = _place(last_event_id or last_event_id_again) or (epoch, since)
        place = _affordable(throttle, request, line, *place)
        return StreamingResponse(_events(line, *place), media_type="text/event-stream", headers=EVENT_HEADERS)

    return routes


def _reason(words: str) -> str:
    """What fits of them into a close frame."""
    return words.encode(errors="replace")[:MAX_REASON].decode(errors="ignore")


def _affordable(
    throttle: Throttle | None, asked: HTTPConnection, line: Fanout, epoch: str, seq: int
) -> tuple[str, int]:
    """The reader's place, or the one that gets a reset where its address has asked for too much already.

    Only what must be asked of the store counts: not a place from which all is at hand, so that a hall that comes back
    at once behind one address is served; nor one a little ahead of this process, whose snapshot is newer than its line:
    one look, a moment later, serves all of those.
    The snapshot, which a reset sends a reader to, is read once for all.
    """
    at_hand = seq <= line.head + FRAME_RECORDS and line.history.leads(seq, line.head)
    if throttle is None or epoch != line.epoch or seq < 0 or at_hand:
        return epoch, seq
    try:
        throttle.take(group(asked.client.host) if asked.client else "")
    except Throttled:
        return "", FROM_NOW_ON
    return epoch, seq


def _place(event_id: str) -> tuple[str, int] | None:
    """`EPOCH:SEQ`, as given out in our own events."""
    epoch, _, seq = event_id.rpartition(":")
    return (epoch, int(seq)) if epoch and re.fullmatch("[0-9]{1,18}", seq) else None


async def _events(line: Fanout, epoch: str, seq: int) -> AsyncIterator[bytes]:
    """Where the database is away, the stream has begun and can only end: whoever comes back is told so with a 503."""
    with suppress(Outage):
        async for frame in line.follow(epoch, seq):
            yield frame.event


async def _feed(websocket: WebSocket, line: Fanout, epoch: str, seq: int) -> None:
    """Serve one reader until it goes away: on its wire where there is one, else through plain ASGI messages."""
    wire = wire_of(websocket.scope)
    if wire is None:
        await _send(websocket, line, epoch, seq)
        return
    reader = wire.attach()
    try:
        await line.join(reader, epoch, seq)
        await _gone(websocket)
    finally:
        line.leave(reader)


async def _gone(websocket: WebSocket) -> None:
    """Returns when the reader has left. What it sends meanwhile means nothing here."""
    with suppress(WebSocketDisconnect):
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return


async def _send(websocket: WebSocket, line: Fanout, epoch: str, seq: int) -> None:
    async def forward() -> None:
        async for frame in line.follow(epoch, seq):
            await websocket.send_text(frame.json.decode())
        await websocket.close(NO_SUCH_WALL if line.gone else SERVER_RESTARTS)

    sending = asyncio.create_task(forward())
    leaving = asyncio.create_task(_gone(websocket))
    _, unfinished = await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    for task in unfinished:
        task.cancel()
    for task in (sending, leaving):
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await task
