"""The web assets: their compression and caching."""

from __future__ import annotations

import gzip

import httpx
import pytest

from web.pages.build import STATIC, Build, read_build, read_desk_build

MAX_SCRIPT = {"wall": 45_000, "desk": 160_000}
"""Bytes of a page's scripts, gzipped, as bench/page.py counts them."""


@pytest.mark.parametrize(
    ("asked", "got", "content"),
    [("br, gzip", "br", b"packed well"), ("gzip", "gzip", b"packed"), ("identity", None, b"start();")],
)
async def test_an_asset_never_changes_and_comes_packed(
    client: httpx.AsyncClient, asked: str, got: str | None, content: bytes
) -> None:
    async with client.stream("GET", "/assets/wall-A1b2C3.js", headers={"Accept-Encoding": asked}) as reply:
        assert b"".join([part async for part in reply.aiter_raw()]) == content
    assert reply.headers.get("content-encoding") == got
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("path", "media_type"), [("/sw.js", "text/javascript; charset=utf-8"), ("/favicon.svg", "image/svg+xml")]
)
async def test_a_file_at_the_top_is_asked_for_again(client: httpx.AsyncClient, path: str, media_type: str) -> None:
    reply = await client.get(path)
    assert (reply.status_code, reply.headers["content-type"]) == (200, media_type)
    assert reply.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/",
        "/assets/nothing.js",
        "/assets/notes.txt",
        "/assets/..%2fmanifest.json",
        "/manifest.json",
        "/desk.manifest.json",
    ],
)
async def test_other_paths_are_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(("page", "build"), [("wall", read_build(STATIC)), ("desk", read_desk_build(STATIC))])
def test_scripts_of_a_page_are_light(page: str, build: Build | None) -> None:
    assert build
    scripts = [build.arrange.encode(), *((STATIC / path[1:]).read_bytes() for path in (build.script, *build.imports))]
    assert sum(len(gzip.compress(script, 9)) for script in scripts) <= MAX_SCRIPT[page]
