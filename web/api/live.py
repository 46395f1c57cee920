"""The live endpoints of a wall: a WebSocket and server-sent events with the same frames (docs/protocol.md)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, WebSocket
from fastapi.responses import StreamingResponse
from starlette.requests import HTTPConnection

from aggregator.channel.fanout import Fanout
from aggregator.channel.ids import wall_channel
from web.api.events import EVENTS, FROM_NOW_ON, affordable, asked_position, stream
from web.api.shapes import replies
from web.api.sockets import Channels, serve
from web.connections import group
from web.throttle import Throttle


def router(hub: Channels, throttle: Throttle | None = None) -> APIRouter:
    routes = APIRouter(tags=["live"])

    @routes.websocket("/api/walls/{slug}/live")
    async def live(websocket: WebSocket, slug: str, epoch: str = "", since: int = FROM_NOW_ON) -> None:
        def place(fanout: Fanout) -> tuple[str, int]:
            return affordable(throttle, _address(websocket), fanout, (epoch, since))

        await serve(websocket, hub, wall_channel(slug), place)

    @routes.get(
        "/api/walls/{slug}/live",
        summary="Follow a wall without a WebSocket",
        response_class=StreamingResponse,
        responses=replies(EVENTS, 404, 422, 503),
    )
    async def events(
        slug: str, request: Request, position: Annotated[tuple[str, int], Depends(asked_position)]
    ) -> StreamingResponse:
        """The frames of the WebSocket as server-sent events; each event's id is `EPOCH:SEQ`."""
        fanout = await hub.fanout(wall_channel(slug))
        return stream(fanout, *affordable(throttle, _address(request), fanout, position))

    return routes


def _address(asked: HTTPConnection) -> str:
    return group(asked.client.host) if asked.client else ""
