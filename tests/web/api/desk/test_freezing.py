"""Freezing and clearing a wall over HTTP, its history, and undoing."""

from __future__ import annotations

import httpx
import pytest

from aggregator.accounts.roles import Role
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.contract import Page
from tests.accounts import a_member
from tests.aggregator.invented import ONE, a_wall, bring, said, words
from tests.web.desk import problem

HALL = "/api/walls/hall"
LONG_AGO = "2009-10-12T09:30:00Z"


async def test_frozen_wall_takes_nothing_new_until_it_is_released(
    client: httpx.AsyncClient, store: Store, wall: Wall, source: Source
) -> None:
    frozen = (await client.post(f"{HALL}/freeze", json={"why": "a protest"})).json()
    assert (frozen["changed"], (await client.post(f"{HALL}/freeze")).json()["changed"]) == (True, False)
    await bring(store, source, Page(posts=(said("4"),)))
    assert len(await words(store, wall.channel)) == 3
    released = (await client.post(f"{HALL}/release")).json()
    assert (released["changed"], released["posts"], len(await words(store, wall.channel))) == (True, 1, 4)


@pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)
async def test_clear_is_one_act_that_can_be_undone(client: httpx.AsyncClient, store: Store, wall: Wall) -> None:
    counted = await client.get(f"{HALL}/clear", params={"since": LONG_AGO})
    assert counted.json() == {"since": LONG_AGO, "posts": 3}
    cleared = (await client.post(f"{HALL}/clear", json={"since": LONG_AGO, "why": "spam"})).json()
    assert (cleared["posts"], await words(store, wall.channel)) == (3, {})
    [act] = (await client.get(f"{HALL}/history", params={"action": "clear"})).json()["entries"]
    assert (act["entry"], act["actor"], act["undoable"]) == (
        cleared["entry"],
        {"kind": "person", "name": "moderator"},
        True,
    )
    undone = (await client.post(f"{HALL}/history/{act['entry']}/undo", json={"why": "a mistake"})).json()
    assert (undone["restored"], undone["left"], len(await words(store, wall.channel))) == (3, 0, 3)
    again = await client.post(f"{HALL}/history/{act['entry']}/undo")
    assert problem(again) == (409, "not_undoable")


async def test_history_is_paged_and_filtered(client: httpx.AsyncClient, store: Store, wall: Wall) -> None:
    for verb in ("hide", "approve", "hide"):
        await client.post(f"{HALL}/posts/{ONE}/{verb}")
    await client.post(f"{HALL}/clear", json={"since": LONG_AGO})
    first = (await client.get(f"{HALL}/history", params={"limit": 2})).json()
    rest = (await client.get(f"{HALL}/history", params={"before": first["before"]})).json()
    actions = [each["action"] for each in first["entries"] + rest["entries"]]
    assert (actions, rest["before"]) == (["clear", "hide", "approve", "hide", "follow", "create"], None)
    about = (await client.get(f"{HALL}/history", params={"subject": ONE})).json()["entries"]
    assert {each["subject"]["id"] for each in about} == {ONE}
    mine = (await client.get(f"{HALL}/history", params={"actor": "moderator", "action": "approve"})).json()["entries"]
    assert [(each["before"], each["after"], each["undone_by"]) for each in mine] == [("hidden", "live", None)]


async def test_history_of_a_wall_has_neither_its_members_nor_other_walls(
    client: httpx.AsyncClient, store: Store, wall: Wall
) -> None:
    await a_member(store, wall, Role.OWNER)
    other = await a_wall(store, "other")
    kinds = {each["subject"]["kind"] for each in (await client.get(f"{HALL}/history")).json()["entries"]}
    assert kinds == {"wall", "source"}
    assert problem(await client.get(f"/api/walls/{other.slug}/history")) == (403, "permission_denied")
    assert problem(await client.post(f"{HALL}/history/9999/undo")) == (404, "not_found")
