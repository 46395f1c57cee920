"""`GET /w/{slug}/card.png`: the social card, the picture in previews of a wall's address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

import msgspec
from fastapi import APIRouter, Request, Response

from aggregator.runtime import Runtime
from aggregator.single_flight import SingleFlight
from web.conditional import respond
from web.pages.about_wall import AboutWall, about_wall
from web.pages.social_card import draw_card

CACHED = "public, max-age=300"
MAX_CARDS = 64

Draw = Callable[[AboutWall, str, Path], bytes]


class Cards:
    """The cards: `card(about)` is drawn in a thread, once until the wall's name or theme changes."""

    def __init__(self, site: str, assets: Path, *, draw: Draw = draw_card, kept: int = MAX_CARDS) -> None:
        self._site, self._assets, self._draw = site, assets, draw
        self._cards: SingleFlight[bytes, bytes] = SingleFlight(kept)

    async def card(self, about: AboutWall) -> bytes:
        return await self._cards.get(msgspec.json.encode(about), partial(self._make, about))

    async def _make(self, about: AboutWall) -> bytes:
        return await asyncio.to_thread(self._draw, about, self._site, self._assets)


def router(runtime: Runtime, assets: Path) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    cards = Cards(runtime.settings.site_name, assets)

    @routes.api_route("/w/{slug}/card.png", methods=["GET", "HEAD"])
    async def card(slug: str, request: Request) -> Response:
        content = await cards.card(await about_wall(runtime.records, slug))
        etag = f'"{sha256(content).hexdigest()[:20]}"'
        return respond(request, content, etag, "image/png", {"Cache-Control": CACHED})

    return routes
