"""The application: every route of this server, over one house."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from aggregator.runtime import House
from web import health, media, pages, request_log
from web.api import live, records, walls
from web.connections import Connections
from web.throttle import Throttle


def create_app(house: House, connections: Connections | None = None, throttle: Throttle | None = None) -> FastAPI:
    """The routes, and the house's life with the server's. `connections` are those that it counts."""
    throttle = throttle or Throttle()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await house.start()
        try:
            yield
        finally:
            await house.stop()

    app = FastAPI(
        title="Backchannel",
        summary="Walls of conferences: list them, ask for their records, listen for new ones.",
        description="The protocol behind it is explained in docs/protocol.md; the WebSocket is described there alone.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,  # to the address in `Host`, which is the caller's to choose
    )
    app.include_router(health.router(house, connections))
    app.include_router(live.router(house.hub, throttle))
    app.include_router(walls.router(house.store, house.settings.public_url))
    app.include_router(records.router(house.replies, throttle))
    app.include_router(media.router(house.darkroom.shelf))
    pages.install(app, house)
    request_log.install(app)
    return app
