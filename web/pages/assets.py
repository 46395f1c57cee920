"""Serves the web assets, compressed and cacheable.

Files under `/assets/` have their content's hash in their name and never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response

from web.pages.compression import ENDINGS, accepted

FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}
AT_THE_TOP = ("sw.js", "favicon.svg")
"""Files with a fixed path outside `/assets/`, whose content may change."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file and its precompressed versions, read once at the start: no requested path ever reaches the disk."""

    content: bytes
    media_type: str
    twins: dict[str, bytes]


def router(static: Path) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    assets = _find(static / "assets")
    at_the_top = {name: asset for name, asset in _find(static).items() if name in AT_THE_TOP}

    @routes.api_route("/assets/{name:path}", methods=["GET", "HEAD"])
    async def asset(name: str, request: Request) -> Response:
        return _send(assets.get(name), request, FOREVER)

    async def top(request: Request) -> Response:
        return _send(at_the_top.get(request.url.path[1:]), request, ASK_AGAIN)

    for name in AT_THE_TOP:
        routes.add_api_route(f"/{name}", top, methods=["GET", "HEAD"])
    return routes


def _find(folder: Path) -> dict[str, Asset]:
    return {
        path.relative_to(folder).as_posix(): Asset(path.read_bytes(), TYPES[path.suffix], _twins(path))
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in TYPES
    }


def _twins(path: Path) -> dict[str, bytes]:
    twins = {name: Path(f"{path}{ending}") for name, ending in ENDINGS.items()}
    return {name: twin.read_bytes() for name, twin in twins.items() if twin.is_file()}


def _send(asset: Asset | None, request: Request, kept: str) -> Response:
    if asset is None:
        raise HTTPException(404, "No such file.")
    headers = {"Cache-Control": kept, "Vary": "Accept-Encoding"}
    for name in accepted(request.headers.get("accept-encoding", "")):
        if name in asset.twins:
            return Response(
                asset.twins[name], media_type=asset.media_type, headers=headers | {"Content-Encoding": name}
            )
    return Response(asset.content, media_type=asset.media_type, headers=headers)
