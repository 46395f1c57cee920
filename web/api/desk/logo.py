"""`/api/walls/{slug}/logo`: the logo of a wall, set and removed."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request

from aggregator.media.blob_store import BlobStore
from aggregator.walls.logos import MAX_LOGO, prepare_logo, remove_logo, set_logo
from web.api.desk.bodies import ByOrganisers
from web.api.desk.settings import Settings, settings_of
from web.auth.context import auth_of
from web.auth.signed_in import CrossSiteRefused
from web.problems import PrivateRoute, Refusal, refusals

FORMATS: Final = ("image/png", "image/jpeg", "image/webp")
OTHER: Final = "Unsupported file: send a logo as PNG, JPEG or WebP. SVG is not accepted, since it may contain scripts."
TOO_LARGE: Final = "File too large: a logo has at most 1 MB. Save it smaller; 960 pixels are wide enough."
FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {each: {"schema": {"type": "string", "format": "binary"}} for each in FORMATS},
    }
}


def router(blobs: BlobStore) -> APIRouter:
    """Return the routes; `blobs` takes the files."""
    routes = APIRouter(tags=["desk"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])
    one_by_one = asyncio.Lock()  # each is decoded in a process of its own

    @routes.put(
        "/api/walls/{slug}/logo",
        summary="Set the logo",
        openapi_extra=FILE,
        responses=refusals(401, 403, 404, 413, 415),
    )
    async def change(access: ByOrganisers, request: Request) -> Settings:
        """Send the file as the body, 1 MB at most. It is decoded, made smaller and encoded again."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in FORMATS:
            raise Refusal(415, "unsupported_format", OTHER)
        data = await _read(request)
        async with one_by_one:
            logo = await prepare_logo(data)
        async with auth_of(request).store.write() as db:
            wall = await db.merge(access.wall, load=False)
            await set_logo(db, blobs, wall, logo, by=access.principal.actor)
            return settings_of(wall)

    @routes.delete("/api/walls/{slug}/logo", summary="Remove the logo", responses=refusals(401, 403, 404))
    async def remove(access: ByOrganisers, request: Request) -> Settings:
        async with auth_of(request).store.write() as db:
            wall = await db.merge(access.wall, load=False)
            await remove_logo(db, wall, by=access.principal.actor)
            return settings_of(wall)

    return routes


async def _read(request: Request) -> bytes:
    """Return the body. Raises Refusal as soon as it is too large."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_LOGO:
            raise Refusal(413, "too_large", TOO_LARGE)
    return bytes(data)
