"""Acts about a source over HTTP: pause, resume, its mode, its options and credentials, and hiding what it brought."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest

from aggregator.accounts.access import Principal
from aggregator.accounts.api_tokens import make_token
from aggregator.accounts.lookup import find_account
from aggregator.accounts.roles import Permission
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.tables import Wall
from connectors.contract import Page
from connectors.errors import Forbidden
from tests.accounts import AT, told
from tests.aggregator.invented import ONE, START, TWO, a_source, announced, bring, said, source_now, words
from tests.web.api.desk.sources import SECRET, SOURCES, Network, listed
from tests.web.desk import problem


async def test_paused_source_is_not_asked_until_it_is_resumed(
    organiser: httpx.AsyncClient, store: Store, wall: Wall
) -> None:
    source = await a_source(store, wall)
    for _ in range(2):
        assert (await organiser.post(f"{SOURCES}/{source.id}/pause")).json()["health"] == "paused"
    [row] = await listed(organiser)
    assert (row["health"], row["hours"]) == ("paused", [0] * 24)
    assert (await told(store))[0] == ("person:organiser", "pause", "source", "polled", "paused")
    assert (await announced(store, wall))["silent"] == []
    assert problem(await organiser.post(f"{SOURCES}/{source.id}/poll")) == (422, "invalid")
    resumed = await organiser.post(f"{SOURCES}/{source.id}/resume")
    assert (resumed.json()["health"], resumed.json()["paused_at"]) == ("new", None)
    assert (await source_now(store, source)).next_poll_at > START
    assert [entry[1] for entry in await told(store, 2)] == ["pause", "resume"]


async def test_source_has_a_mode_of_its_own(organiser: httpx.AsyncClient, store: Store, wall: Wall) -> None:
    source = await a_source(store, wall)
    for mode in ("approve", None):
        reply = await organiser.put(f"{SOURCES}/{source.id}/mode", json={"mode": mode})
        assert reply.json()["mode"] == mode
    assert [entry[1:] for entry in await told(store, 2)] == [
        ("change", "source", "", "approve"),
        ("change", "source", "approve", ""),
    ]
    assert problem(await organiser.put(f"{SOURCES}/{source.id}/mode", json={"mode": "loud"})) == (422, "invalid")


async def test_changed_source_is_checked_and_keeps_its_secrets(
    organiser: httpx.AsyncClient, store: Store, wall: Wall, network: Network
) -> None:
    source = await a_source(store, wall)
    one = f"{SOURCES}/{source.id}"
    forms = (await organiser.get(f"{one}/forms")).json()
    assert (list(forms["options"]["properties"]), list(forms["credentials"]["properties"])) == (["none"], ["token"])
    network.replies = [Forbidden("Invalid access token.")]
    refused = await organiser.patch(one, json={"credentials": {"token": SECRET}})
    assert (problem(refused), refused.json()["detail"]) == ((422, "check_failed"), "Invalid access token.")
    assert (await source_now(store, source)).credentials == ""
    changed = await organiser.patch(one, json={"options": {"none": ["ad"]}, "credentials": {"token": SECRET}})
    assert (changed.json()["options"], changed.json()["has_token"]) == ({"none": ["ad"]}, True)
    kept = await organiser.patch(one, json={"options": {}})
    assert (kept.json()["options"], kept.json()["has_token"]) == ({}, True)
    removed = await organiser.patch(one, json={"credentials": {}})
    assert removed.json()["has_token"] is False
    after = [json.loads(entry[4]) for entry in await told(store, 3)]
    assert after == [{"none": ["ad"], "credentials": "changed"}, {}, {"credentials": "removed"}]
    wrong = await organiser.patch(one, json={"options": {"none": 1}})
    assert (problem(wrong), wrong.json()["field"]) == ((422, "invalid"), "none")
    assert SECRET not in refused.text + changed.text + kept.text + str(await listed(organiser)) + str(
        await told(store, 9)
    )


@pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)
async def test_removal_hides_what_the_source_alone_has_brought(
    organiser: httpx.AsyncClient, store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, await a_source(store, wall, "other"), Page(posts=(said("2"),)))
    await bring(store, source, Page(posts=(said("4"),)), now())
    [row, _] = await listed(organiser)
    assert (row["hours"][-1], sum(row["hours"])) == (1, 1), "the first three came long ago"
    before = await words(store, wall.channel)
    assert (await organiser.get(f"{SOURCES}/{source.id}/brought")).json() == {"posts": 3}
    removed = (await organiser.delete(f"{SOURCES}/{source.id}", params={"hide": True})).json()
    assert (removed["posts"], list(await words(store, wall.channel))) == (3, [TWO])
    assert [row["value"] for row in await listed(organiser)] == ["other"]
    undone = await organiser.post(f"/api/walls/hall/history/{removed['entry']}/undo", json={})
    assert (undone.json()["restored"], await words(store, wall.channel)) == (3, before)
    assert ONE in before


async def test_hiding_what_a_source_brought_needs_the_permission_to_moderate(
    organiser: httpx.AsyncClient, store: Store, wall: Wall, source: Source
) -> None:
    async with store.write() as db:
        person = Principal(await find_account(db, "organiser"))
        lifetime = timedelta(days=1)
        made = await make_token(db, person, name="n", scopes=[Permission.CONFIGURE], lifetime=lifetime, at=AT)
    organiser.cookies.clear()
    headers = {"Cookie": "", "Authorization": f"Bearer {made.secret}"}
    path = f"{SOURCES}/{source.id}"
    refused = await organiser.delete(path, params={"hide": True}, headers=headers)
    assert problem(refused) == (403, "permission_denied")
    assert (await organiser.delete(path, headers=headers)).json()["posts"] == 0
    assert len(await words(store, wall.channel)) == 3
