"""Marks on posts, and decisions about authors, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from aggregator.store.store import Store
from aggregator.timestamps import now, to_micros, to_wire
from aggregator.walls.tables import Wall
from tests.accounts import told
from tests.aggregator.invented import ADA, ONE, TWO, shown, words
from tests.web.desk import problem

HALL = "/api/walls/hall"
POST = f"{HALL}/posts/{ONE}"


async def at_desk(store: Store, wall: Wall) -> dict[str, Any]:
    """The body of the first post's record at the desk, without its card, and the card's mark of a nugget."""
    body: dict[str, Any] = (await shown(store, wall.desk))[ONE]
    card = body.pop("post")
    return body | {"nugget": card.get("nugget", False)}


async def test_marks_are_given_and_taken_and_recorded(client: httpx.AsyncClient, store: Store, wall: Wall) -> None:
    plain = await at_desk(store, wall)
    until = to_wire(to_micros(now() + timedelta(hours=1)))
    for method, path, body, name, action in [
        ("POST", "pin", {"until": until}, "pinned_until", "pin"),
        ("POST", "nugget", {}, "nugget", "mark_nugget"),
        ("POST", "cover", {"why": "a face"}, "covered", "cover_media"),
        ("PUT", "note", {"text": "asked Ada"}, "note", "note"),
    ]:
        reply = (await client.request(method, f"{POST}/{path}", json=body)).json()
        assert (reply["changed"], (await at_desk(store, wall))[name] != plain.get(name)) == (True, True), path
        assert (await told(store))[0][:2] == ("person:moderator", action)
    for method, path, body in [
        ("POST", "unpin", {}),
        ("POST", "unmark", {}),
        ("POST", "uncover", {}),
        ("PUT", "note", {"text": ""}),
    ]:
        assert (await client.request(method, f"{POST}/{path}", json=body)).json()["changed"], path
    assert await at_desk(store, wall) == plain
    assert (await client.post(f"{POST}/unpin")).json() == {"entry": None, "changed": False}
    assert problem(await client.post(f"{POST}/pin", json={"until": "2009-10-12T09:30:00Z"})) == (422, "invalid")


@pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)
async def test_author_is_shown_with_posts_and_decisions(client: httpx.AsyncClient, store: Store, wall: Wall) -> None:
    ada = f"{HALL}/authors/{ADA.handle}"
    first = (await client.get(ada, params={"limit": 1})).json()
    last = first["posts"][-1]
    rest = (await client.get(ada, params={"before": last["at"], "key": last["key"]})).json()
    assert {each["key"] for each in first["posts"] + rest["posts"]} == {ONE, TWO}
    assert (first["more"], rest["more"], first["hidden"], first["trusted"], first["history"]) == (
        True,
        False,
        False,
        False,
        [],
    )
    body = {"handle": ADA.handle, "why": "spam"}
    hidden = (await client.post(f"{HALL}/authors/hide", json=body)).json()
    assert (hidden["posts"], len(await words(store, wall.channel))) == (2, 1)
    assert (await client.post(f"{HALL}/authors/trust", json={"handle": ADA.handle})).json()["changed"]
    seen = (await client.get(ada)).json()
    assert (seen["hidden"], seen["hidden_why"], seen["trusted"]) == (True, "spam", True)
    assert [(each["action"], each["actor"]["name"]) for each in seen["history"]] == [
        ("trust", "moderator"),
        ("hide", "moderator"),
    ]
    assert [each["body"]["state"] for each in seen["posts"]] == ["hidden", "hidden"]
    assert (await client.post(f"{HALL}/authors/approve", json=body)).json()["posts"] == 2
    assert (await client.post(f"{HALL}/authors/distrust", json=body)).json()["changed"]
    assert len(await words(store, wall.channel)) == 3


async def test_unknown_author_is_not_found(client: httpx.AsyncClient) -> None:
    assert problem(await client.get(f"{HALL}/authors/@nobody@invented.example")) == (404, "not_found")
    reply = await client.post(f"{HALL}/authors/hide", json={"handle": "@adah@invented.example"})
    assert (problem(reply), "did you mean @ada@invented.example" in reply.text) == ((404, "not_found"), True)
