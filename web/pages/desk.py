"""`GET /desk` and everything below it: the organisers' page, one document for all, with nothing private in it."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from web.pages.build import Build
from web.pages.document import desk_document
from web.pages.headers import KEPT_OUT, desk_policy

HEADERS = {
    **KEPT_OUT,
    "Cache-Control": "no-store",
    "Content-Security-Policy": desk_policy(),
    "Referrer-Policy": "same-origin",
}


def router(build: Build) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    document = desk_document(build)

    @routes.api_route("/desk", methods=["GET", "HEAD"])
    @routes.api_route("/desk/{path:path}", methods=["GET", "HEAD"])
    async def desk() -> Response:
        """The page itself says where nothing is at its address."""
        return HTMLResponse(document, headers=HEADERS)

    return routes
