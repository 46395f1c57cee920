"""The application: every route of this server, over one runtime."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from aggregator.runtime import Runtime
from web import health, media, pages, request_log
from web.api import live, records, walls
from web.connections import Connections
from web.throttle import Throttle


def create_app(runtime: Runtime, connections: Connections | None = None, throttle: Throttle | None = None) -> FastAPI:
    """The routes, and the runtime's life with the server's. `connections` are those that it counts.

    A house that serves no readers has /healthz and /readyz alone: whoever restarts services asks those of each process.
    """
    throttle = throttle or Throttle()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await runtime.start()
        try:
            yield
        finally:
            await runtime.stop()

    if not runtime.settings.role.serves:
        app = FastAPI(title="Backchannel", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
        app.include_router(health.router(runtime, connections))
        request_log.install(app)
        return app
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
    app.include_router(health.router(runtime, connections))
    app.include_router(live.router(runtime.hub, throttle))
    app.include_router(walls.router(runtime.store, runtime.settings.public_url))
    app.include_router(records.router(runtime.replies, throttle))
    app.include_router(media.router(runtime.picture_worker.blobs))
    pages.install(app, runtime)
    request_log.install(app)
    return app
