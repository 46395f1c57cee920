"""`GET /api/walls`: the listed walls, as on the front page."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Response

from aggregator.single_flight import SingleFlight
from aggregator.store.store import Store
from aggregator.walls.walls import list_walls
from web.api.shapes import ListedWalls, replies

CACHED = "public, max-age=5"


def router(store: Store, public_url: str = "") -> APIRouter:
    routes = APIRouter(tags=["walls"])

    async def read() -> bytes:
        async with store.read() as db:
            listed = [wall for wall in await list_walls(db) if wall.listed]
        fields = ("slug", "name", "hashtag", "time_zone")
        rows = [{name: getattr(wall, name) for name in fields} | {"url": _url(wall.slug)} for wall in listed]
        return msgspec.json.encode({"walls": rows})

    def _url(slug: str) -> str:
        return f"{public_url}/w/{slug}"

    lists: SingleFlight[None, bytes] = SingleFlight(1, max_age=0.0)

    @routes.head("/api/walls", include_in_schema=False)
    @routes.get("/api/walls", summary="List the walls", responses=replies({"model": ListedWalls}, 503))
    async def walls() -> Response:
        """List the listed walls. Unlisted walls are only reachable by their slug."""
        return Response(await lists.get(None, read), media_type="application/json", headers={"Cache-Control": CACHED})

    return routes
