"""Liveness and readiness: `/healthz` and `/readyz`, as Kubernetes probes them (200 is yes, 503 is not now)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, NamedTuple, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from aggregator.channel.hub import Hub
from aggregator.migrations import SchemaMismatch, SchemaState, schema_state_of
from aggregator.settings import Settings
from aggregator.store.disk import MIN_FREE_BYTES, disk_full
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from web.api.shapes import Alive, Readiness
from web.connections import Connections

STORE_TIMEOUT = 3.0
"""Seconds."""
BY_A_PROXY = ("x-forwarded-for", "x-real-ip", "forwarded", "via")


class Running(Protocol):
    """The parts of a Runtime that its role needs."""

    settings: Settings
    store: Store
    hub: Hub

    @property
    def failed_workers(self) -> list[str]: ...


class Problem(NamedTuple):
    """A problem: a word for the public, a sentence (which may name paths and hosts) for the operator."""

    word: str
    sentence: str


def router(runtime: Running, connections: Connections | None = None, least: int = MIN_FREE_BYTES) -> APIRouter:
    """The routes. `least` is the free space, in bytes, that the database's disk must have."""
    routes = APIRouter(tags=["ops"])

    @routes.head("/healthz", include_in_schema=False)
    @routes.get("/healthz", summary="Is the process alive?", responses={200: {"model": Alive}})
    async def healthz() -> dict[str, str]:
        """Liveness. The database isn't checked: restarting a healthy process wouldn't fix it."""
        return {"status": "ok"}

    @routes.head("/readyz", include_in_schema=False)
    @routes.get(
        "/readyz", summary="Is it ready for its role?", responses={200: {"model": Readiness}, 503: {"model": Readiness}}
    )
    async def readyz(request: Request) -> JSONResponse:
        """Readiness for the role: 503 if a part is missing; only this machine is told why, others which."""
        part = "sentence" if is_local(request) else "word"
        troubles = [
            Problem("database", await store_problem(runtime.store, least)),
            Problem("hub", hub_problem(runtime.hub) if runtime.settings.role.serves else ""),
            *(Problem(name, f"The {name} has stopped: restart the server.") for name in runtime.failed_workers),
        ]
        remarks = [Problem("connections", connections.remark if connections else "")]
        found, noted = ([getattr(each, part) for each in some if each.sentence] for some in (troubles, remarks))
        more: dict[str, Any] = {"remarks": noted} if noted else {}
        if readers := runtime.hub.readers_by_channel if is_local(request) else {}:
            more["readers"] = readers
        return JSONResponse(
            {"ready": not found, "role": runtime.settings.role, "troubles": found, **more}, 503 if found else 200
        )

    return routes


def is_local(request: Request) -> bool:
    """Whether the request comes from this machine itself, not through a proxy on it."""
    if request.client is None or any(name in request.headers for name in BY_A_PROXY):
        return False
    with suppress(ValueError):
        return ip_address(request.client.host).is_loopback
    return False


# --- readiness --------------------------------------------------------------------------------------------------


async def store_problem(store: Store, least: int = MIN_FREE_BYTES) -> str:
    """The database's problem in one sentence, else empty. Changes nothing."""
    try:
        async with asyncio.timeout(STORE_TIMEOUT):
            standing = await schema_state_of(store)
    except TimeoutError:
        return f"The database did not answer within {STORE_TIMEOUT:.0f} seconds."
    except (Outage, SchemaMismatch) as error:
        return error.problem
    if standing != SchemaState.CURRENT:
        return f"The database is {standing}: start `backchannel serve` to bring its tables up to date."
    lacking = disk_full(store.database, least)
    return lacking.problem if lacking else ""


def hub_problem(hub: Hub) -> str:
    return "" if hub.running else "The hub is not running."
