"""The application: all routes of this server, over one runtime."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from aggregator.accounts.openid_provider import OpenIdProvider
from aggregator.accounts.organisation import organisation_of
from aggregator.intake.candidates import Candidates
from aggregator.runtime import Runtime
from web import health, media, pages, request_log
from web.api import accounts, live, records, walls
from web.api.desk.routers import DeskParts, routers
from web.auth.context import Auth
from web.connections import Connections
from web.throttle import Throttle


def create_app(
    runtime: Runtime,
    connections: Connections | None = None,
    throttle: Throttle | None = None,
    auth: Auth | None = None,
) -> FastAPI:
    """The application, whose lifespan starts and stops the runtime. `connections` is the server's count of them.

    A runtime that serves no readers has /healthz and /readyz alone, for the service manager.
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
        summary="Conference walls: list them, read their records, follow new ones; and sign in to their desk.",
        description="docs/protocol.md explains the protocol, including the WebSocket, which OpenAPI can't describe.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,  # redirects would lead to `Host`, which the client chooses
    )
    app.include_router(health.router(runtime, connections))
    app.include_router(live.router(runtime.hub, throttle))
    app.include_router(walls.router(runtime.store, runtime.settings.public_url))
    app.include_router(records.router(runtime.records, throttle))
    app.include_router(media.router(runtime.picture_worker.blobs))
    accounts.install(app, auth or _auth(runtime))
    candidates = Candidates(runtime.store, runtime.connectors, runtime.http, runtime.vault)
    for desk in routers(DeskParts(runtime.records, runtime.hub, candidates, throttle, runtime.picture_worker.blobs)):
        app.include_router(desk)
    pages.install(app, runtime)
    request_log.install(app)
    return app


def _auth(runtime: Runtime) -> Auth:
    organisation = organisation_of(runtime.settings)
    provider = OpenIdProvider(organisation, runtime.http) if organisation is not None else None
    return Auth(runtime.store, runtime.settings.public_url, runtime.settings.site_name, provider)
