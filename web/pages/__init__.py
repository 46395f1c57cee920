"""Pages: the wall, the list of walls, the desk, their assets, and error pages."""

from __future__ import annotations

from pathlib import Path

import structlog
from fastapi import FastAPI

from aggregator.runtime import Runtime
from web.pages import assets, desk, index, manifest, notices, preview, robots, wall
from web.pages.build import STATIC, read_build, read_desk_build
from web.pages.headers import SafeHeaders, policy
from web.pages.listed import ListedWalls
from web.pages.notices import STYLE
from web.pages.render import Renderer

log = structlog.get_logger()


def install(app: FastAPI, runtime: Runtime, static: Path = STATIC) -> None:
    """Add the pages to the application, and security headers to every reply.

    `/`, `/desk`, `/w/{slug}` with its `card.png` and `manifest.webmanifest`, `/assets/…`, `/sw.js`,
    `/manifest.webmanifest`, icons, `/robots.txt`, and readable 404 and 500 pages.
    """
    build, desk_build = read_build(static), read_desk_build(static)
    app.include_router(index.router(runtime, build))
    app.include_router(assets.router(static))
    app.include_router(robots.router())
    app.include_router(manifest.router(runtime))
    if build is None or desk_build is None:
        log.warning("web assets not built: run `make install`", folder=str(static))
        app.include_router(notices.not_built())
    else:
        app.include_router(wall.router(runtime, build, Renderer(build.program)))
        app.include_router(preview.router(runtime, static / "assets"))
        app.include_router(desk.router(desk_build))
    notices.install(app, build)
    https = runtime.settings.public_url.startswith("https:")
    listed = ListedWalls(runtime.store).has if runtime.settings.indexable else None
    app.add_middleware(SafeHeaders, strictest=policy(styles=[STYLE]), https=https, listed=listed)
