"""The document of the desk, the same at each of its addresses."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from aggregator.store.store import Store
from tests.web.pages.small_build import make_app, visit


@pytest.mark.parametrize("path", ["/desk", "/desk/", "/desk/sign-in", "/desk/w/hall/team"])
async def test_desk_is_one_document_that_nobody_keeps_or_frames(client: httpx.AsyncClient, path: str) -> None:
    reply = await client.get(path)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<script type="module" src="/assets/desk-B2.js"></script>' in reply.text
    assert '<link rel="stylesheet" href="/assets/desk-E5.css">' in reply.text
    assert "The desk needs scripts" in reply.text
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-robots-tag"] == "noindex, noarchive"
    assert reply.headers["referrer-policy"] == "same-origin"
    assert reply.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types svelte-trusted-html"
    )


async def test_desk_is_kept_out_of_search_engines_that_may_list_walls(store: Store, static: Path) -> None:
    async for client in visit(make_app(store, static, indexable="true")):
        assert (await client.get("/desk")).headers["x-robots-tag"] == "noindex, noarchive"


async def test_desk_says_that_it_is_not_built(store: Store, tmp_path: Path) -> None:
    async for client in visit(make_app(store, tmp_path)):
        reply = await client.get("/desk/account")
        assert reply.status_code == 503
        assert "web assets are not built" in reply.text
