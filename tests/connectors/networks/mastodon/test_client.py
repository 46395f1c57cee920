"""Refusals and faults of servers, and the sentences on them."""

from __future__ import annotations

import json

import httpx
import pytest

from connectors.contract import Address
from connectors.errors import ConnectorError, Forbidden, InvalidResponse, RateLimited, Unavailable
from connectors.http.client import Http
from connectors.sandbox import Inline
from tests.connectors.networks.mastodon.sources import keys, mastodon, tag
from tests.fakes.mastodon_server import MastodonServer
from tests.recorded import path


async def test_token_is_asked_for_in_plain_words_and_then_used(server: MastodonServer, http: Http) -> None:
    server.token = "s3cret"
    ref = server.post("One #socitm09", tags=["socitm09"])
    with pytest.raises(Forbidden, match=r"^Access token required \(401\): .* Create one there"):
        await mastodon.poll(http, tag(server), "")
    with pytest.raises(Forbidden, match=r"^Invalid access token \(401\): create a new one on "):
        await mastodon.poll(http, tag(server, token="wrong"), "")
    assert keys(await mastodon.poll(http, tag(server, token="s3cret"), "")) == [server.uri(ref)]


@pytest.mark.parametrize("name", ["gotosocial/tag_unauthenticated_401.json", "takahe/unauth.json"])
async def test_real_refusals_are_explained(name: str) -> None:
    recorded = json.loads(path(name).read_text())
    wire = httpx.MockTransport(lambda _: httpx.Response(recorded["status"], json=recorded["body"]))
    source = Address(network="mastodon", kind="hashtag", value="socitm09", server="https://gts.example")
    async with Http(transport=wire, sandbox=Inline) as client:
        with pytest.raises(
            Forbidden, match=r"^Access token required \(\d+\): gts\.example shows this only to its own accounts"
        ):
            await mastodon.poll(client, source, "")


async def test_token_stays_with_its_own_server() -> None:
    seen: list[tuple[str, str | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, request.headers.get("authorization")))
        if request.url.host == "m.example":
            return httpx.Response(301, headers={"Location": f"https://other.example{request.url.path}"})
        return httpx.Response(200, json=[])

    mine: dict[str, object] = {"token": "s3cret"}
    source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example", credentials=mine)
    async with Http(transport=httpx.MockTransport(answer), sandbox=Inline) as client:
        await mastodon.poll(client, source, "")
    assert seen == [("m.example", "Bearer s3cret"), ("other.example", None)]


@pytest.mark.parametrize(
    ("status", "kind"), [(500, Unavailable), (429, RateLimited), (422, Forbidden), (400, Forbidden), (451, Forbidden)]
)
async def test_server_in_trouble_is_told_apart(
    server: MastodonServer, http: Http, status: int, kind: type[ConnectorError]
) -> None:
    server.fail(status)
    with pytest.raises(kind):
        await mastodon.poll(http, tag(server), "")


async def test_throttled_carries_the_pause_that_was_asked_for(server: MastodonServer, http: Http) -> None:
    server.fail(429, retry_after="120")
    with pytest.raises(RateLimited) as caught:
        await mastodon.poll(http, tag(server), "")
    assert caught.value.wait == 120


async def test_budget_that_is_used_up_is_heeded(server: MastodonServer, http: Http) -> None:
    server.budget = 1
    await mastodon.poll(http, tag(server), "")
    with pytest.raises(RateLimited):
        await mastodon.poll(http, tag(server), "")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body", ["<html>hello</html>", "{}", '"posts"', '["posts", 1, null]', '[{"title": "A shoe"}, ["uri"]]']
)
async def test_server_of_another_kind_is_unreadable(body: str) -> None:
    source = Address(network="mastodon", kind="hashtag", value="x", server="https://blog.example")
    async with Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, text=body)), sandbox=Inline) as client:
        with pytest.raises(InvalidResponse, match=r"^Not a Mastodon API: blog\.example "):
            await mastodon.poll(client, source, "")


@pytest.mark.parametrize("body", ["[]", "{}", '{"id": null}'])
async def test_account_of_another_kind_is_unreadable(body: str) -> None:
    source = Address(network="mastodon", kind="account", value="ada@blog.example", server="https://blog.example")
    async with Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, text=body)), sandbox=Inline) as client:
        with pytest.raises(InvalidResponse, match="did not answer as a Mastodon server does"):
            await mastodon.poll(client, source, "")


@pytest.mark.parametrize("link", ["", "<http://[::1>; rel=prev", "nonsense", "<http://x/?min_id=>; rel=prev"])
async def test_broken_link_header_leaves_the_ids_to_walk_by(link: str) -> None:
    asked: list[str] = []
    row = json.loads(path("takahe/tag_timeline.json").read_text())["body"][0]

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query.decode())
        number = str(len(asked))
        return httpx.Response(
            200, json=[{**row, "id": number, "uri": f"https://m.example/{number}"}], headers={"Link": link}
        )

    source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example")
    async with Http(transport=httpx.MockTransport(answer), sandbox=Inline, per_second=10_000) as client:
        page = await mastodon.poll(client, source, "")
        await mastodon.poll(client, source, page.cursor)
    assert asked[0] == "limit=40"
    assert asked[1] == "limit=40&max_id=1"
    assert "limit=40&min_id=1" in asked
