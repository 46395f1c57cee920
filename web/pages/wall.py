"""`GET /w/{slug}`: the wall, whole in its HTML. It owns how long a page may be sent again; it draws nothing itself.

A page may be a second old, because it carries its own place on the channel: the browser asks for all that came since.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from aggregator.channel.publish import NoChannel
from aggregator.channel.queries import Question, Reply
from aggregator.runtime import Runtime
from aggregator.settings import Settings
from aggregator.single_flight import SingleFlight
from aggregator.timestamps import now, to_micros, to_wire
from aggregator.walls.walls import SLUG
from web.addresses import address, is_local, network_hosts
from web.conditional import has_it
from web.pages import qr
from web.pages.build import Build
from web.pages.compression import accepted, compressed
from web.pages.document import wall_document
from web.pages.headers import policy
from web.pages.operator import operator_links
from web.pages.render import Renderer

FRESH = 1.0
"""Seconds that a page is sent again without a look at the store."""
CALM = 5.0
"""Seconds that a page is sent again while nothing new was published: the times on it are read against its `now`."""
CACHED = "public, max-age=1, stale-while-revalidate=5"
KEPT = 64
ORIGINS = 8
"""Addresses of this server that get a QR code. `Host` is the caller's to choose: it must not fill our memory."""
DEFAULT_PORTS = {"http": 80, "https": 443}
IDLE = 60.0
"""Seconds after which an address that nobody asks for may be let go for another."""
ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.IGNORECASE)

GLUED = ".,;:!?)]}>*_'\"…\u2019”»"
"""What ends a sentence, a bracket, a quotation or a chat program's emphasis, and no slug."""


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page: the bytes for each compression, and when it was made (by the clock that never jumps)."""

    place: tuple[str, int]
    made_at: float
    tag: str
    html: bytes
    packed: dict[str, bytes]


class WallPages:
    """`page(slug, origin)`: made once for all who ask within the same moment."""

    def __init__(
        self,
        runtime: Runtime,
        build: Build,
        renderer: Renderer,
        *,
        clock: Callable[[], float] = time.monotonic,
        kept: int = KEPT,
    ) -> None:
        self._runtime, self._build, self._renderer = runtime, build, renderer
        self._clock = clock
        self._pages: SingleFlight[tuple[str, str], Page] = SingleFlight(kept, max_age=FRESH, clock=clock)
        self._origins: OrderedDict[str, float] = OrderedDict()

    async def page(self, slug: str, origin: str) -> Page:
        """Raises NoChannel."""
        name = (slug, self._known(origin))
        return await self._pages.get(name, lambda: self._make(*name, self._pages.last(name)))

    async def _make(self, slug: str, origin: str, last: Page | None) -> Page:
        """The last page again while it is true, or a new one."""
        reply = await self._runtime.replies.answer(Question(f"{slug}/wall"))
        if last and last.place == (reply.epoch, reply.head) and self._clock() - last.made_at < CALM:
            return last
        boot = _boot(slug, origin, self._runtime.settings, reply)
        rendered = await self._renderer.render("wall", boot)
        html = wall_document(slug, boot, rendered, self._build, self._runtime.settings).encode()
        packed = await asyncio.to_thread(compressed, html)
        tag = sha256(html).hexdigest()[:20]
        return Page((reply.epoch, reply.head), self._clock(), tag, html, packed)

    def _known(self, origin: str) -> str:
        """The origin, or none at all while too many others are in use: such a page has no QR code."""
        if origin not in self._origins and not (ORIGIN.fullmatch(origin) and self._has_room()):
            return ""
        self._origins[origin] = self._clock()
        self._origins.move_to_end(origin)
        return origin

    def _has_room(self) -> bool:
        """Made where nobody has asked for the oldest in a while: each new origin costs a page drawn anew."""
        if len(self._origins) < ORIGINS:
            return True
        oldest, asked_at = next(iter(self._origins.items()))
        if self._clock() - asked_at < IDLE:
            return False
        del self._origins[oldest]
        return True


def router(runtime: Runtime, build: Build, renderer: Renderer) -> APIRouter:
    @asynccontextmanager
    async def closing_renderer(_: FastAPI) -> AsyncIterator[None]:
        yield
        renderer.close()

    routes = APIRouter(include_in_schema=False, lifespan=closing_renderer)
    pages = WallPages(runtime, build, renderer)
    headers = {
        "Cache-Control": CACHED,
        "Vary": "Accept-Encoding" if runtime.settings.public_url else "Accept-Encoding, Host, X-Forwarded-Proto",
        "Content-Security-Policy": policy(scripts=[build.arrange], embed_on=runtime.settings.embed_on),
    }

    @routes.api_route("/w/{slug}", methods=["GET", "HEAD"])
    async def wall(slug: str, request: Request) -> Response:
        if (meant := _meant(slug)) != slug:
            return _lead_to(meant, request)
        origin = runtime.settings.public_url or _own_origin(request, runtime.settings)
        try:
            page = await pages.page(slug, origin)
        except NoChannel as missing:
            raise HTTPException(404, f"There is no wall “{slug}”.") from missing
        tag = f'W/"{page.tag}"'
        if has_it(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers | {"ETag": tag})
        for name in accepted(request.headers.get("accept-encoding", "")):
            return Response(
                page.packed[name], media_type="text/html", headers=headers | {"ETag": tag, "Content-Encoding": name}
            )
        return Response(page.html, media_type="text/html", headers=headers | {"ETag": tag})

    @routes.api_route("/w/{slug}/", methods=["GET", "HEAD"])
    async def with_a_slash(slug: str, request: Request) -> Response:
        return _lead_to(_meant(slug), request)

    return routes


def _meant(slug: str) -> str:
    """The slug as walls have it: phones begin with a capital, and chat programs take the sentence's full stop along."""
    bare = slug.rstrip(GLUED).lower()
    return bare if SLUG.fullmatch(bare) else slug


def _lead_to(slug: str, request: Request) -> Response:
    question = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/w/{quote(slug, safe='')}{question}", 308)


def _own_origin(request: Request, settings: Settings) -> str:
    """This server's address as another device reaches it, or none: then the page has no QR code.

    `Host` is the caller's to choose: a page that is sent again to others must not lead them to a stranger's address.
    And “localhost” on a phone is the phone.
    """
    host, scheme = request.url.hostname or "", request.url.scheme
    reached = [each.lower() for each in network_hosts(settings.host)]
    port = request.url.port or DEFAULT_PORTS.get(scheme)
    if host in reached and port == settings.port:
        return f"{scheme}://{request.url.netloc}"
    return address(reached[0], settings.port, scheme) if is_local(host) and reached else ""


def _boot(slug: str, origin: str, settings: Settings, reply: Reply) -> bytes:
    """`{"slug", "now", "qr", "operator", "epoch", "head", "records"}`: the snapshot's own JSON behind a few fields."""
    before = {
        "slug": slug,
        "now": to_wire(to_micros(now())),
        "qr": qr.draw(f"{origin}/w/{slug}") if origin else None,
        "operator": operator_links(settings),
    }
    return msgspec.json.encode(before)[:-1] + b"," + reply.json[1:]
