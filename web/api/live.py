"""The live endpoints of a channel: a WebSocket and server-sent events with the same frames (docs/protocol.md)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Header, Query, Request, WebSocket
from fastapi.responses import StreamingResponse
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketDisconnect

from aggregator.channel.fanout import Fanout
from aggregator.channel.frames import NO_SUCH_WALL
from aggregator.channel.history import FRAME_RECORDS
from aggregator.channel.hub import NoChannel
from aggregator.channel.ids import wall_channel
from aggregator.store.errors import Outage
from web.api.shapes import replies
from web.connections import group
from web.throttle import Throttle, Throttled
from web.websocket import transport_of

SERVER_RESTARTS = 1012
MAX_REASON = 123
"""Bytes of a close frame's reason (RFC 6455, 5.5): 125 of a control frame, less two of the code."""
FROM_NOW_ON = -1
"""A position that no reader can have: the first frame is a reset with the channel's head."""
EVENT_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

EVENTS: dict[str, Any] = {"description": "Frames, until you disconnect.", "content": {"text/event-stream": {}}}


class Channels(Protocol):
    """Where the frames come from: the hub."""

    async def fanout(self, channel_id: str) -> Fanout:
        """Return the fan-out of a channel. Raises NoChannel."""


def router(hub: Channels, throttle: Throttle | None = None) -> APIRouter:
    routes = APIRouter(tags=["live"])

    @routes.websocket("/api/walls/{slug}/live")
    async def live(websocket: WebSocket, slug: str, epoch: str = "", since: int = FROM_NOW_ON) -> None:
        try:
            fanout = await hub.fanout(wall_channel(slug))
        except NoChannel:
            await websocket.accept()
            await websocket.close(NO_SUCH_WALL, _reason(f"There is no wall “{slug}”."))
            return
        await websocket.accept()
        await _feed(websocket, fanout, *_affordable(throttle, websocket, fanout, epoch, since))

    @routes.get(
        "/api/walls/{slug}/live",
        summary="Follow a wall without a WebSocket",
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
        fanout = await hub.fanout(wall_channel(slug))
        position = _position(last_event_id or last_event_id_again) or (epoch, since)
        position = _affordable(throttle, request, fanout, *position)
        return StreamingResponse(_events(fanout, *position), media_type="text/event-stream", headers=EVENT_HEADERS)

    return routes


def _reason(words: str) -> str:
    """The words, cut to what fits into a close frame."""
    return words.encode(errors="replace")[:MAX_REASON].decode(errors="ignore")


def _affordable(
    throttle: Throttle | None, asked: HTTPConnection, fanout: Fanout, epoch: str, seq: int
) -> tuple[str, int]:
    """The reader's position, or FROM_NOW_ON if its address has reached its request limit.

    Only positions that need a read of the database count. Positions in the fanout's history are free, so that a hall
    behind one address can reconnect at once, and so are those a little ahead of this process: one refresh serves them
    all. The snapshot, to which a reset leads, is read once for all readers.
    """
    at_hand = seq <= fanout.head + FRAME_RECORDS and fanout.history.leads(seq, fanout.head)
    if throttle is None or epoch != fanout.epoch or seq < 0 or at_hand:
        return epoch, seq
    try:
        throttle.take(group(asked.client.host) if asked.client else "")
    except Throttled:
        return "", FROM_NOW_ON
    return epoch, seq


def _position(event_id: str) -> tuple[str, int] | None:
    """The position in an event id of ours, `EPOCH:SEQ`."""
    epoch, _, seq = event_id.rpartition(":")
    return (epoch, int(seq)) if epoch and re.fullmatch("[0-9]{1,18}", seq) else None


async def _events(fanout: Fanout, epoch: str, seq: int) -> AsyncIterator[bytes]:
    """The stream's events. It ends if the database is unavailable; a reader that reconnects gets a 503."""
    with suppress(Outage):
        async for frame in fanout.follow(epoch, seq):
            yield frame.event


async def _feed(websocket: WebSocket, fanout: Fanout, epoch: str, seq: int) -> None:
    """Serve one reader until it disconnects: through its transport if it has one, else through plain ASGI messages."""
    transport = transport_of(websocket.scope)
    if transport is None:
        await _send(websocket, fanout, epoch, seq)
        return
    reader = transport.attach()
    try:
        await fanout.join(reader, epoch, seq)
        await _disconnected(websocket)
    finally:
        fanout.leave(reader)


async def _disconnected(websocket: WebSocket) -> None:
    """Return once the reader has disconnected; its messages are ignored."""
    with suppress(WebSocketDisconnect):
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return


async def _send(websocket: WebSocket, fanout: Fanout, epoch: str, seq: int) -> None:
    async def forward() -> None:
        async for frame in fanout.follow(epoch, seq):
            await websocket.send_text(frame.json.decode())
        await websocket.close(NO_SUCH_WALL if fanout.gone else SERVER_RESTARTS)

    sending = asyncio.create_task(forward())
    leaving = asyncio.create_task(_disconnected(websocket))
    _, unfinished = await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    for task in unfinished:
        task.cancel()
    for task in (sending, leaving):
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await task
