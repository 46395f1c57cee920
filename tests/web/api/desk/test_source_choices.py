"""What an input may mean over HTTP, and the answers of foreign servers in its preview."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from aggregator.accounts.roles import Role
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.http.client import Http
from connectors.registry import connectors
from tests.accounts import a_member, a_session
from tests.web.api.desk.sources import SOURCES, Network
from tests.web.desk import Desk, problem

ANSWERS: dict[str, httpx.Response | Exception] = {
    "closed.example": httpx.Response(401, json={"error": "This method requires an authenticated user"}),
    "empty.example": httpx.Response(404, json={"error": "Record not found"}),
    "garbage.example": httpx.Response(200, text="<html>Welcome to the harbour"),
    "never.example": httpx.ReadTimeout("timed out"),
}


def answer(request: httpx.Request) -> httpx.Response:
    """The same answer of a server to each request."""
    given = ANSWERS[request.headers["host"]]
    if isinstance(given, Exception):
        raise given
    return httpx.Response(given.status_code, content=given.content, headers={"Content-Type": "application/json"})


@pytest.fixture
async def client(store: Store, wall: Wall) -> AsyncIterator[httpx.AsyncClient]:
    """An organiser's browser, at a desk that knows all networks and no real server."""
    desk = Desk(store, connectors=connectors(), http=Http(transport=httpx.MockTransport(answer)))
    begun = await a_session(store, (await a_member(store, wall, Role.ORGANISER)).account)
    async with desk.browser(Cookie=f"__Host-backchannel={begun.token}") as browser:
        yield browser


async def choices(client: httpx.AsyncClient, text: str, on: str = "") -> list[dict[str, Any]]:
    reply = await client.get(f"{SOURCES}/choices", params={"text": text, "on": on})
    found: list[dict[str, Any]] = reply.json()["choices"]
    return found


async def test_each_network_that_recognises_an_input_is_a_choice(client: httpx.AsyncClient) -> None:
    found = {
        (text, on): [
            (each["network"], each["kind"], each["value"], each["on"]) for each in await choices(client, text, on)
        ]
        for text, on in (
            ("harbour26", ""),
            ("#harbour26", "closed.example"),
            ("@ada@closed.example", ""),
            ("ada.bsky.social", ""),
            ("conference.example/blog", ""),
        )
    }
    assert found == {
        ("harbour26", ""): [
            ("bluesky", "hashtag", "harbour26", "bsky.app"),
            ("mastodon", "hashtag", "harbour26", "mastodon.social"),
        ],
        ("#harbour26", "closed.example"): [("mastodon", "hashtag", "harbour26", "closed.example")],
        ("@ada@closed.example", ""): [("mastodon", "account", "ada@closed.example", "")],
        ("ada.bsky.social", ""): [("bluesky", "account", "ada.bsky.social", "")],
        ("conference.example/blog", ""): [("feeds", "feed", "https://conference.example/blog", "")],
    }
    bluesky, mastodon = await choices(client, "#harbour26")
    assert mastodon["credentials"]["properties"]["token"]["format"] == "password"
    assert bluesky["options"]["properties"]["account"]["title"] == "Account"
    for text, sentence in (("https://x.com/ada", "X is not supported yet"), ("what is this", "Cannot follow")):
        refused = await client.get(f"{SOURCES}/choices", params={"text": text})
        assert (problem(refused), refused.json()["detail"].startswith(sentence)) == ((422, "invalid"), True)


@pytest.mark.parametrize(
    ("host", "begins"),
    [
        ("closed.example", "Access token required (401)"),
        ("empty.example", "Not a Mastodon API"),
        ("garbage.example", "Not a Mastodon API"),
        ("never.example", "Request timed out"),
    ],
)
async def test_preview_says_why_a_server_brings_nothing(client: httpx.AsyncClient, host: str, begins: str) -> None:
    [choice] = await choices(client, "#harbour26", host)
    wish = {name: choice[name] for name in ("text", "on", "network")}
    preview = (await client.post(SOURCES, json=wish | {"dry_run": True})).json()["preview"]
    assert (preview["trouble"][: len(begins)], preview["stops"], preview["posts"]) == (begins, True, 0)
    assert "backchannel" not in preview["trouble"]


async def test_questions_to_networks_are_limited(organiser: httpx.AsyncClient, network: Network) -> None:
    asked = [await organiser.post(SOURCES, json={"text": "#quay", "dry_run": True}) for _ in range(21)]
    assert [reply.status_code for reply in asked[:20]] == [200] * 20
    assert (problem(asked[20]), int(asked[20].headers["retry-after"]) > 0) == ((429, "throttled"), True)
