"""What a page may load and who may show it: the Content-Security-Policy, fingerprint by fingerprint."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from aggregator.audit.actor import UNNAMED
from aggregator.store.store import Store
from aggregator.walls.walls import change_wall, find_wall
from tests.web.pages.small_build import build_wall, make_app, visit
from web.pages.headers import EVERYWHERE, fingerprint
from web.pages.listed import ListedWalls


async def test_wall_lets_in_its_own_script_and_no_other(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    reply = await client.get("/w/hall")
    inline = re.findall(r"<script>(.*?)</script>", reply.text, re.DOTALL)
    assert inline == ["document.title += '!';"]
    assert reply.headers["content-security-policy"] == (
        f"default-src 'none'; script-src 'self' {fingerprint(inline[0])}; "
        f"script-src-attr 'unsafe-hashes' {fingerprint('this.__e=event')}; style-src 'self'; "
        "style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )


@pytest.mark.parametrize("path", ["/", "/w/nowhere", "/broken"])
async def test_plain_pages_have_no_script_and_their_own_style(client: httpx.AsyncClient, path: str) -> None:
    reply = await client.get(path)
    style = re.findall(r"<style>(.*?)</style>", reply.text, re.DOTALL)
    assert len(style) == 1
    assert f"; style-src 'self' {fingerprint(style[0])};" in reply.headers["content-security-policy"]
    assert "; script-src 'self'; " in reply.headers["content-security-policy"]
    assert {name: reply.headers[name] for name in EVERYWHERE} == EVERYWHERE


@pytest.mark.parametrize(("indexable", "sent"), [("false", "noindex, noarchive"), ("true", None)])
async def test_search_engines_list_nothing_unless_they_are_let_in(
    store: Store, static: Path, indexable: str, sent: str | None
) -> None:
    await build_wall(store)
    async for client in visit(make_app(store, static, indexable=indexable)):
        replies = [await client.get(path) for path in ("/", "/w/hall", "/favicon.svg", "/robots.txt")]
        assert [reply.headers.get("x-robots-tag") for reply in replies] == [sent] * 4
        assert replies[-1].text.splitlines() == ["User-agent: *", "Disallow: /api/", "Disallow: /media/"]


@pytest.mark.parametrize(
    "path",
    ["/w/secret", "/w/secret/", "/w/Secret", "/w/secret/manifest.webmanifest", "/w/none", "/api/walls/secret/live"],
)
async def test_search_engines_never_list_a_wall_that_is_unlisted(store: Store, static: Path, path: str) -> None:
    """Headers don't reveal that the wall exists."""
    await build_wall(store, "secret", listed=False)
    async for client in visit(make_app(store, static, indexable="true")):
        assert (await client.get(path)).headers["x-robots-tag"] == "noindex, noarchive"


async def test_search_engines_hear_within_seconds_that_a_wall_is_unlisted(store: Store) -> None:
    seconds = iter(range(100))
    listed = ListedWalls(store, clock=lambda: float(next(seconds)))
    await build_wall(store)
    assert await listed.has("hall")
    async with store.write() as db:
        await change_wall(db, await find_wall(db, "hall"), listed=False, by=UNNAMED)
    assert [await listed.has("hall") for _ in range(3)][-1] is False


async def test_search_engines_index_no_wall_while_the_store_is_unavailable(tmp_path: Path) -> None:
    away = Store(f"sqlite:///{tmp_path}/nowhere/wall.db")
    assert not await ListedWalls(away).has("hall")
    await away.close()


@pytest.mark.parametrize(
    ("public_url", "sent"), [("https://wall.example", "max-age=31536000"), ("http://wall.example", None), ("", None)]
)
async def test_https_is_kept_to_where_people_come_by_it(
    store: Store, static: Path, public_url: str, sent: str | None
) -> None:
    async for client in visit(make_app(store, static, public_url=public_url)):
        reply = await client.get("/")
        assert reply.headers.get("strict-transport-security") == sent
