"""The live endpoints of the desk: those of a wall, on the desk's channel, for as long as the reader has the right."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, WebSocket
from fastapi.responses import StreamingResponse

from aggregator.channel.fanout import Fanout
from aggregator.channel.ids import desk_channel
from web.api.desk.bodies import ByViewers
from web.api.events import EVENTS, FROM_NOW_ON, affordable, asked_position, stream
from web.api.sockets import Channels, Close, serve
from web.auth.recheck import RECHECK_INTERVAL, Recheck
from web.auth.signed_in import Access, CrossSiteRefused
from web.problems import PRIVATE_CLOSE, PrivateRoute, refusals
from web.throttle import Throttle


def router(hub: Channels, throttle: Throttle, recheck_interval: float = RECHECK_INTERVAL) -> APIRouter:
    """The routes; `recheck_interval` is in seconds."""
    routes = APIRouter(tags=["desk"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

    @routes.websocket("/api/walls/{slug}/desk/live")
    async def live(websocket: WebSocket, access: ByViewers, epoch: str = "", since: int = FROM_NOW_ON) -> None:
        recheck = Recheck(websocket, access.wall.slug, recheck_interval)

        def place(fanout: Fanout) -> tuple[str, int]:
            return affordable(throttle, _reader(access), fanout, (epoch, since))

        async def ended() -> Close:
            refusal = await recheck.refused()
            return Close(PRIVATE_CLOSE + refusal.status, refusal.code)

        await serve(websocket, hub, desk_channel(access.wall.slug), place, ended)

    @routes.get(
        "/api/walls/{slug}/desk/live",
        summary="Follow the desk without a WebSocket",
        response_class=StreamingResponse,
        responses=refusals(401, 403, 404) | {200: EVENTS},
    )
    async def events(
        access: ByViewers, request: Request, position: Annotated[tuple[str, int], Depends(asked_position)]
    ) -> StreamingResponse:
        """The frames of the WebSocket as server-sent events. The stream ends when your session or your role does."""
        fanout = await hub.fanout(desk_channel(access.wall.slug))
        recheck = Recheck(request, access.wall.slug, recheck_interval)
        return stream(fanout, *affordable(throttle, _reader(access), fanout, position), recheck.may_go_on)

    return routes


def _reader(access: Access) -> str:
    """Who counts as one reader for the limits of requests: not the address, which a hall shares."""
    return f"account {access.principal.account.id}"
