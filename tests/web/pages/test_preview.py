"""Link previews of a wall: words and a picture."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from aggregator.audit.actor import UNNAMED
from aggregator.store.store import Store
from aggregator.walls.walls import change_wall, find_wall
from tests.web.pages.small_build import build_wall, make_app, say, visit
from web.pages.about_wall import AboutWall
from web.pages.preview import Cards


async def test_card_is_sent_once_and_then_asked_about(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store, hashtag="hall")
    await say(store, "hall", "one")
    reply = await client.get("/w/hall/card.png")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/png")
    assert reply.headers["cache-control"] == "public, max-age=300"
    again = await client.get("/w/hall/card.png", headers={"If-None-Match": f"W/{reply.headers['etag']}"})
    assert (again.status_code, again.content) == (304, b"")


async def test_card_changes_with_the_name_of_the_wall(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    first = (await client.get("/w/hall/card.png")).headers["etag"]
    async with store.write() as db:
        await change_wall(db, await find_wall(db, "hall"), name="Another", by=UNNAMED)
    assert (await client.get("/w/hall/card.png", headers={"If-None-Match": first})).status_code == 200


async def test_card_of_no_wall_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/w/nope/card.png")).status_code == 404


async def test_card_is_drawn_once_for_all_and_the_oldest_is_forgotten() -> None:
    drawn = []

    def draw(about: AboutWall, *_: Any) -> bytes:
        drawn.append(about.name)
        return about.name.encode()

    cards = Cards("Backchannel", Path(), draw=draw, kept=2)
    await asyncio.gather(*(cards.card(AboutWall("hall")) for _ in range(5)))
    for name in ("foyer", "hall", "stage", "hall", "foyer"):
        assert await cards.card(AboutWall(name)) == name.encode()
    assert drawn == ["hall", "foyer", "stage", "foyer"]


async def test_card_that_failed_once_is_drawn_again() -> None:
    results: list[Exception | bytes] = [MemoryError("full"), b"drawn"]

    def draw(*_: Any) -> bytes:
        result = results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    cards = Cards("Backchannel", Path(), draw=draw)
    with pytest.raises(MemoryError):
        await cards.card(AboutWall())
    assert await cards.card(AboutWall()) == b"drawn"


def properties(page: str) -> dict[str, str]:
    return dict(re.findall(r'<meta property="([^"]+)" content="([^"]*)">', page.partition("</head>")[0]))


async def test_wall_tells_previews_its_address_where_that_is_known(store: Store, static: Path) -> None:
    await build_wall(store)
    async for client in visit(make_app(store, static, public_url="https://wall.example", site_name="Walls & more")):
        assert properties((await client.get("/w/hall")).text) == {
            "og:site_name": "Walls &amp; more",
            "og:url": "https://wall.example/w/hall",
            "og:image": "https://wall.example/w/hall/card.png",
            "og:image:width": "1200",
            "og:image:height": "630",
            "twitter:card": "summary_large_image",
        }


async def test_wall_tells_previews_no_address_that_only_its_network_knows(
    client: httpx.AsyncClient, store: Store
) -> None:
    await build_wall(store)
    assert properties((await client.get("/w/hall")).text) == {"og:site_name": "Backchannel"}
