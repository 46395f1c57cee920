"""A small build in the form of Vite's, the application with its pages alone, and a browser that asks for them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
from fastapi import FastAPI

from aggregator.audit.actor import UNNAMED
from aggregator.channel.publish import Draft, publish
from aggregator.channel.queries import RecordQueries
from aggregator.settings import Settings
from aggregator.store.store import Store
from aggregator.walls.walls import create_wall
from web import pages
from web.pages.build import Build
from web.pages.render import NOTHING, Rendered
from web.pages.wall import WallPages

ORIGIN = "http://hall.example:8000"
PROGRAM = """
globalThis.renderPage = (_, boot) => {
  const { slug, records } = JSON.parse(boot);
  const posts = records.filter((record) => record.kind === "post");
  if (posts.some((post) => post.body.html === "torn")) throw new Error("it is torn");
  return JSON.stringify({
    head: `<title>${slug}</title>`,
    body: posts.map((post) => `<article>${post.body.html}</article>`).join(""),
  });
};
"""
MANIFEST = {
    "wall/main.ts": {
        "file": "assets/wall-A1b2C3.js",
        "name": "wall",
        "isEntry": True,
        "imports": ["_live.js"],
        "dynamicImports": ["wall/about.ts"],
        "assets": [
            "assets/inter-latin-wght-normal-E5.woff2",
            "assets/inter-latin-ext-wght-normal-E6.woff2",
            "assets/inter-cyrillic-wght-normal-F6.woff2",
        ],
    },
    "style.css": {"file": "assets/wall-D4.css"},
    "wall/about.ts": {"file": "assets/about-H8.js", "imports": ["wall/main.ts"]},
    "_live.js": {"file": "assets/live-G7.js", "imports": ["_live.js"]},
}
DESK_MANIFEST = {
    "desk/main.ts": {"file": "assets/desk-B2.js", "name": "desk", "isEntry": True},
    "style.css": {"file": "assets/desk-E5.css"},
}
FILES: dict[str, str | bytes] = {
    "manifest.json": json.dumps(MANIFEST),
    "desk.manifest.json": json.dumps(DESK_MANIFEST),
    "assets/wall-A1b2C3.js": "start();",
    "assets/wall-A1b2C3.js.br": b"packed well",
    "assets/wall-A1b2C3.js.gz": b"packed",
    "assets/wall-D4.css": "main {}",
    "assets/inter-latin-wght-normal-E5.woff2": b"wOF2",
    "assets/notes.txt": "not for browsers",
    "ssr/pages.js": PROGRAM,
    "ssr/arrange.js": "document.title += '!';\n",
    "sw.js": "self.skipWaiting();",
    "favicon.svg": "<svg/>",
}


def make_app(store: Store, static: Path, **settings: Any) -> FastAPI:
    """The application with its pages alone."""
    app = FastAPI()
    runtime: Any = SimpleNamespace(store=store, settings=Settings(**settings), records=RecordQueries(store))
    pages.install(app, runtime, static)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the fuse in room 7")

    return app


async def visit(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    browser = {"Accept": "text/html", "Accept-Encoding": "identity"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=browser) as client,
    ):
        yield client


class Undrawn:
    """Stands in for the renderer: pages without cards."""

    async def render(self, page: str, props: bytes) -> Rendered:
        return NOTHING


def make_pages(store: Store, clock: Callable[[], float], kept: int = 8) -> WallPages:
    runtime: Any = SimpleNamespace(records=RecordQueries(store), settings=Settings())
    renderer: Any = Undrawn()
    return WallPages(runtime, Build(script="/assets/wall.js"), renderer, clock=clock, kept=kept)


async def say(store: Store, slug: str, *words: str) -> None:
    async with store.write() as db:
        drafts = [
            Draft("post", f"post{n}", n * 60_000_000, msgspec.json.encode({"html": html}))
            for n, html in enumerate(words, 1)
        ]
        await publish(db, f"{slug}/wall", drafts)


async def build_wall(store: Store, slug: str = "hall", name: str = "The hall", **more: Any) -> None:
    async with store.write() as db:
        await create_wall(db, slug, name, by=UNNAMED, **more)


def boot_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', html, re.DOTALL)
    assert found
    boot: dict[str, Any] = json.loads(found[1])
    return boot
