"""Decisions about posts over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from aggregator.items.ids import post_id
from aggregator.moderation.decisions import approve, hide
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import told
from tests.aggregator.invented import LEE, NETWORK, ONE, TWO, shown
from tests.web.desk import Desk, problem

HALL = "/api/walls/hall"
THREE = post_id(NETWORK, "3")


async def states(store: Store, wall: Wall) -> dict[str, str | None]:
    """The state of each post at the desk; None for a tombstone."""
    return {key: body and body["state"] for key, body in (await shown(store, wall.desk)).items()}


async def test_decision_is_recorded_as_the_account_s(client: httpx.AsyncClient, store: Store, wall: Wall) -> None:
    hidden = (await client.post(f"{HALL}/posts/{ONE}/hide", json={"version": 1, "why": "spam"})).json()
    again = (await client.post(f"{HALL}/posts/{ONE}/hide")).json()
    assert (hidden["changed"], again) == (True, {"entry": None, "changed": False})
    assert await told(store) == [("person:moderator", "hide", "post", "live", "hidden")]
    approved = (await client.post(f"{HALL}/posts/{ONE}/approve", json={"version": 2})).json()
    assert approved["entry"] > hidden["entry"]
    assert (await states(store, wall))[ONE] == "live"


async def test_decision_about_a_post_that_has_changed_says_who_did_what(
    client: httpx.AsyncClient, store: Store, wall: Wall
) -> None:
    async with store.write() as db:
        await hide(db, wall, ONE, LEE, "off topic")
    reply = await client.post(f"{HALL}/posts/{ONE}/approve", json={"version": 1})
    body: dict[str, Any] = reply.json()
    assert (reply.status_code, body["code"], reply.headers["cache-control"]) == (409, "decided_meanwhile", "no-store")
    assert body["who"] == {"kind": "person", "name": "lee"}
    assert (body["what"], body["version"], body["when"].endswith("Z")) == ("hide", 2, True)
    assert (await states(store, wall))[ONE] == "hidden"


async def test_withdrawing_needs_a_password_typed_lately(
    client: httpx.AsyncClient, desk: Desk, store: Store, wall: Wall
) -> None:
    desk.later(timedelta(minutes=16))
    assert problem(await client.post(f"{HALL}/posts/{ONE}/withdraw")) == (403, "confirm_password")
    desk.later(-timedelta(minutes=16))
    assert (await client.post(f"{HALL}/posts/{ONE}/withdraw")).json()["changed"]
    assert await states(store, wall) == {ONE: None, TWO: "live", THREE: "live"}
    assert problem(await client.post(f"{HALL}/posts/{ONE}/approve")) == (409, "final_state")


async def test_many_are_decided_each_by_itself(client: httpx.AsyncClient, store: Store, wall: Wall) -> None:
    async with store.write() as db:
        await hide(db, wall, TWO, LEE)
        await approve(db, wall, TWO, LEE)
    posts = [{"id": ONE, "version": 1}, {"id": TWO, "version": 1}, {"id": "a" * 16}, {"id": THREE}]
    reply = await client.post(f"{HALL}/posts/decide", json={"decision": "hide", "posts": posts, "why": "spam"})
    results = reply.json()["results"]
    assert [(each["id"], each["changed"]) for each in results] == [
        (ONE, True),
        (TWO, False),
        ("a" * 16, False),
        (THREE, True),
    ]
    assert [each["problem"] and each["problem"]["code"] for each in results] == [
        None,
        "decided_meanwhile",
        "not_found",
        None,
    ]
    assert results[1]["problem"]["who"] == {"kind": "person", "name": "lee"}
    assert await states(store, wall) == {ONE: "hidden", TWO: "live", THREE: "hidden"}


async def test_what_is_not_a_decision_is_refused(client: httpx.AsyncClient) -> None:
    for path, body, expected in [
        (f"posts/{ONE}/hide", {"reason": "a misspelt field"}, (422, "invalid")),
        (f"posts/{ONE}/hide", {"why": "\x1b[2J"}, (422, "invalid")),
        ("posts/not-an-id/hide", {}, (422, "invalid")),
        (f"posts/{'a' * 16}/hide", {}, (404, "not_found")),
        ("posts/decide", {"decision": "hide", "posts": [{"id": ONE}] * 101}, (422, "invalid")),
    ]:
        assert problem(await client.post(f"{HALL}/{path}", json=body)) == expected, path
