"""Manifests and icons, to install a wall or the list of walls as an app."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from aggregator.runtime import Runtime
from web.pages.about_wall import AboutWall, Logo, about_wall
from web.pages.document import DARK
from web.pages.logo_icon import SIZES
from web.pages.mark import draw_favicon, draw_icon

MANIFEST = "application/manifest+json"
ASK_AGAIN = "public, max-age=300"
A_DAY = "public, max-age=86400"
SHORT = 14
"""About how many letters fit below an icon."""
ICONS: dict[str, Callable[[], bytes]] = {
    "/icon-192.png": partial(draw_icon, 192),
    "/icon-512.png": partial(draw_icon, 512),
    "/icon-maskable-512.png": partial(draw_icon, 512, maskable=True),
    "/apple-touch-icon.png": partial(draw_icon, 180, maskable=True),
    "/favicon.ico": draw_favicon,
}


def router(runtime: Runtime) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    site = manifest("/", runtime.settings.site_name)

    @routes.api_route("/manifest.webmanifest", methods=["GET", "HEAD"])
    async def of_the_site() -> Response:
        return _send(site)

    @routes.api_route("/w/{slug}/manifest.webmanifest", methods=["GET", "HEAD"])
    async def of_a_wall(slug: str) -> Response:
        about = await about_wall(runtime.records, slug)
        made = manifest(f"/w/{slug}", about.name, short(about), about.look.accent or DARK)
        logo = about.look.logo
        return _send(made if logo is None else made | {"icons": logo_icons(logo)})

    for path in ICONS:
        routes.add_api_route(path, partial(_icon, path), methods=["GET", "HEAD"])
    return routes


def manifest(start: str, name: str, short_name: str = "", theme: str = DARK) -> dict[str, Any]:
    """The manifest (https://w3c.github.io/manifest/). `start` is the page that the app opens, and its identity."""
    icons = [
        {"src": "/icon-192.png", "sizes": "192x192", "type": "image/png"},
        {"src": "/icon-512.png", "sizes": "512x512", "type": "image/png"},
        {"src": "/icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        {"src": "/favicon.svg", "sizes": "any", "type": "image/svg+xml"},
    ]
    return {
        "id": start,
        "name": name,
        "short_name": short_name or name,
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": DARK,
        "theme_color": theme,
        "icons": icons,
    }


def logo_icons(logo: Logo) -> list[dict[str, str]]:
    """The icons of a wall with a logo, which stays in the safe zone of each: see `web/pages/logo_icon.py`."""
    icons = []
    for size in SIZES:
        one = {"src": f"/media/{logo.id}/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
        icons += [one, one | {"purpose": "maskable"}]
    return icons


def short(about: AboutWall) -> str:
    """The name if it fits below an icon, else the hashtag, else as many whole words of the name as fit."""
    if len(about.name) <= SHORT:
        return about.name
    tag = f"#{about.hashtag}"
    if 1 < len(tag) <= SHORT:
        return tag
    words = about.name[: SHORT + 1].rpartition(" ")[0].rstrip()
    return words or about.name[:SHORT]


def _send(content: dict[str, Any]) -> Response:
    return JSONResponse(content, headers={"Cache-Control": ASK_AGAIN}, media_type=MANIFEST)


def _icon(path: str) -> Response:
    """The icon as a response. Not async, so that it is drawn in a thread."""
    kind = "image/x-icon" if path.endswith(".ico") else "image/png"
    return Response(_drawn(path), media_type=kind, headers={"Cache-Control": A_DAY})


@lru_cache(maxsize=len(ICONS))
def _drawn(path: str) -> bytes:
    return ICONS[path]()
