"""`GET /w/{slug}`: the wall page, with its first posts in the HTML.

A rendered page may be a second old, because it has its position on the channel: the browser requests everything since.
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
from typing import NamedTuple
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from aggregator.channel.frames import to_json
from aggregator.channel.ids import wall_channel
from aggregator.channel.queries import Question, Reply
from aggregator.items.nuggets import nuggets_on
from aggregator.runtime import Runtime
from aggregator.settings import Settings
from aggregator.single_flight import SingleFlight
from aggregator.timestamps import now, to_micros, to_wire
from aggregator.walls.walls import SLUG
from web.addresses import address, is_local, network_hosts
from web.conditional import respond
from web.pages import qr
from web.pages.build import Build
from web.pages.compression import accepted, compressed
from web.pages.document import wall_document
from web.pages.headers import policy
from web.pages.operator import operator_links
from web.pages.render import Renderer

FRESH_SECONDS = 1.0
"""For this long a page is sent again without a query."""
UNCHANGED_SECONDS = 5.0
"""For this long a page is sent again if nothing new was published. Its relative times count from its `now`."""
CACHED = "public, max-age=1, stale-while-revalidate=5"
MAX_PAGES = 64
MAX_ORIGINS = 8
"""Origins of this server that get a QR code. The client chooses `Host`, so it must not fill our memory."""
DEFAULT_PORTS = {"http": 80, "https": 443}
ORIGIN_TIMEOUT = 60.0
"""Seconds after which an unused origin may be replaced by another."""
ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.IGNORECASE)

GLUED = ".,;:!?)]}>*_'\"…\u2019”»"
"""Characters that end a sentence, a bracket, a quotation or a chat program's emphasis, but never a slug."""


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A finished page: the bytes for each compression, and when it was rendered (on the monotonic clock)."""

    position: tuple[str, int]
    made_at: float
    tag: str
    html: bytes
    packed: dict[str, bytes]


class View(NamedTuple):
    """What the address asks for: the nuggets alone, a hall's screen."""

    nuggets: bool = False
    screen: bool = False


PLAIN = View()


class WallPages:
    """The pages: `page(slug, origin, view)` is rendered once for simultaneous requests."""

    def __init__(
        self,
        runtime: Runtime,
        build: Build,
        renderer: Renderer,
        *,
        clock: Callable[[], float] = time.monotonic,
        kept: int = MAX_PAGES,
    ) -> None:
        self._runtime, self._build, self._renderer = runtime, build, renderer
        self._clock = clock
        self._pages: SingleFlight[tuple[str, str, View], RenderedPage] = SingleFlight(
            kept, max_age=FRESH_SECONDS, clock=clock
        )
        self._origins: OrderedDict[str, float] = OrderedDict()

    async def page(self, slug: str, origin: str, view: View = PLAIN) -> RenderedPage:
        """The wall's page. Raises NoChannel."""
        name = (slug, self._known(origin), view)
        return await self._pages.get(name, lambda: self._make(*name, self._pages.last(name)))

    async def _make(self, slug: str, origin: str, view: View, last: RenderedPage | None) -> RenderedPage:
        """The last page again while it is current, or a new one."""
        reply = await self._runtime.records.answer(Question(wall_channel(slug)))
        if last and last.position == (reply.epoch, reply.head) and self._clock() - last.made_at < UNCHANGED_SECONDS:
            return last
        if view.nuggets:
            reply = await self._nuggets(slug)
        boot = _boot(slug, origin, self._runtime.settings, reply, nuggets=view.nuggets)
        rendered = await self._renderer.render("wall", boot)
        document = wall_document(slug, boot, rendered, self._build, self._runtime.settings, screen=view.screen)
        html = document.encode()
        packed = await asyncio.to_thread(compressed, html)
        tag = sha256(html).hexdigest()[:20]
        return RenderedPage((reply.epoch, reply.head), self._clock(), tag, html, packed)

    async def _nuggets(self, slug: str) -> Reply:
        async with self._runtime.store.read() as db:
            batch = await nuggets_on(db, slug)
        return Reply(batch.epoch, batch.head, to_json(batch), "")

    def _known(self, origin: str) -> str:
        """The origin, or an empty one (for a page without QR code) while too many others are in use."""
        if origin not in self._origins and not (ORIGIN.fullmatch(origin) and self._has_room()):
            return ""
        self._origins[origin] = self._clock()
        self._origins.move_to_end(origin)
        return origin

    def _has_room(self) -> bool:
        """Whether one more origin may be added, in place of an unused one if need be: each costs a rendered page."""
        if len(self._origins) < MAX_ORIGINS:
            return True
        oldest, asked_at = next(iter(self._origins.items()))
        if self._clock() - asked_at < ORIGIN_TIMEOUT:
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
        asked = request.query_params
        page = await pages.page(slug, origin, View("nuggets" in asked, "screen" in asked))
        encoding = next(iter(accepted(request.headers.get("accept-encoding", ""))), "")
        content = page.packed[encoding] if encoding else page.html
        encoded = {"Content-Encoding": encoding} if encoding else {}
        return respond(request, content, f'W/"{page.tag}"', "text/html", headers | encoded)

    @routes.api_route("/w/{slug}/", methods=["GET", "HEAD"])
    async def with_a_slash(slug: str, request: Request) -> Response:
        return _lead_to(_meant(slug), request)

    return routes


def _meant(slug: str) -> str:
    """The slug in lower case, without trailing punctuation: phones capitalise, chats add a full stop."""
    bare = slug.rstrip(GLUED).lower()
    return bare if SLUG.fullmatch(bare) else slug


def _lead_to(slug: str, request: Request) -> Response:
    question = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/w/{quote(slug, safe='')}{question}", 308)


def _own_origin(request: Request, settings: Settings) -> str:
    """The origin by which other devices reach this server; empty if there is none, for a page without QR code.

    The client chooses `Host`: a cached page must not lead others to a foreign address. And “localhost” on a phone is
    the phone.
    """
    host, scheme = request.url.hostname or "", request.url.scheme
    reached = [each.lower() for each in network_hosts(settings.host)]
    port = request.url.port or DEFAULT_PORTS.get(scheme)
    if host in reached and port == settings.port:
        return f"{scheme}://{request.url.netloc}"
    return address(reached[0], settings.port, scheme) if is_local(host) and reached else ""


def _boot(slug: str, origin: str, settings: Settings, reply: Reply, *, nuggets: bool) -> bytes:
    """`{"slug", "now", "qr", "operator", "epoch", "head", "records"}`: a few fields, then the snapshot's own JSON.

    A page of nuggets has all of them at once: `nuggets` says so, and `reach` that no older ones follow.
    """
    before = {
        "slug": slug,
        "now": to_wire(to_micros(now())),
        "qr": qr.draw(f"{origin}/w/{slug}") if origin else None,
        "operator": operator_links(settings),
    } | ({"nuggets": True, "reach": None} if nuggets else {})
    return msgspec.json.encode(before)[:-1] + b"," + reply.json[1:]
