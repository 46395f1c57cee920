"""Who looks at which post: a record of the desk's channel for a minute, and nothing that stays."""

from __future__ import annotations

from typing import Any

import httpx

from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import told
from tests.aggregator.invented import ONE, TWO, words

ATTENTION = "/api/walls/hall/desk/attention"


async def marks(client: httpx.AsyncClient) -> list[Any]:
    records = (await client.get("/api/walls/hall/desk/records")).json()["records"]
    return [each["body"] for each in records if each["kind"] == "attention"]


async def test_a_mark_is_published_replaced_and_taken_away(client: httpx.AsyncClient, store: Store, wall: Wall) -> None:
    before = await told(store)
    public = await words(store, wall.channel)
    for post in (ONE, TWO):
        assert (await client.put(ATTENTION, json={"post": post})).status_code == 204
    [mark] = await marks(client)
    assert mark == {"login": "moderator", "name": "Moderator", "post": TWO, "until": "2026-06-09T08:01:00.000000Z"}
    assert (await client.put(ATTENTION, json={})).status_code == 204
    assert await marks(client) == []
    assert (await told(store), await words(store, wall.channel)) == (before, public)
    assert (await client.put(ATTENTION, json={"post": "Ada's"})).status_code == 422
