"""`GET /robots.txt` (RFC 9309). Pages may be crawled: otherwise crawlers would never see their `noindex`."""

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
