"""`GET /robots.txt` (RFC 9309). Pages are left open: a crawler that may not read one never learns its `noindex`."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

ROBOTS = """\
User-agent: *
Disallow: /api/
Disallow: /media/
"""


def router() -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/robots.txt", methods=["GET", "HEAD"])
    async def robots() -> PlainTextResponse:
        return PlainTextResponse(ROBOTS, headers={"Cache-Control": "public, max-age=3600"})

    return routes
