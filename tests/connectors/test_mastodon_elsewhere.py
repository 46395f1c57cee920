"""An account whose Mastodon lives on another host than its domain: found by WebFinger, followed and looked at there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors._base import Address, Missing
from connectors._http import Http
from tests.connectors.mastodon_sources import mastodon
from tests.mastodon_entities import new_account, new_status

HOME = "https://social.example.org"
SOURCE = Address(
    network="mastodon",
    kind="account",
    value="ada@example.org",
    server="https://example.org",
    options={"token": "s3cret"},
)


class Web:
    """`example.org` has a web site and WebFinger; `social.example.org` is the server."""

    def __init__(self, *, knows_ada: bool = True) -> None:
        self.asked: list[tuple[str, bool]] = []
        self.knows_ada = knows_ada
        status = new_status(HOME, "1", "ada")
        self.status = {**status, "account": new_account(HOME, "ada", number=7), "reblog": None}

    def answer(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        self.asked.append((f"{url.host}{url.path}", "authorization" in request.headers))
        body = self._bodies().get(f"{url.host}{url.path}")
        return httpx.Response(404) if body is None else httpx.Response(200, json=body)

    def _bodies(self) -> dict[str, Any]:
        actor = {"rel": "self", "type": "application/activity+json", "href": f"{HOME}/users/ada"}
        bodies: dict[str, Any] = {
            "example.org/.well-known/webfinger": {"subject": "acct:ada@example.org", "links": [actor]},
            "social.example.org/api/v2/instance": {"domain": "example.org", "version": "4.5.0"},
            "social.example.org/api/v1/accounts/7/statuses": [self.status],
            "social.example.org/api/v1/statuses": [],
        }
        if self.knows_ada:
            bodies["social.example.org/api/v1/accounts/lookup"] = {"id": "7"}
        return bodies

    def http(self) -> Http:
        return Http(transport=httpx.MockTransport(self.answer), per_second=10_000)


async def test_account_is_followed_where_it_lives_and_the_token_stays_at_home() -> None:
    web = Web()
    async with web.http() as http:
        page = await mastodon.poll(http, SOURCE, "")
        web.asked.clear()
        again = await mastodon.poll(http, SOURCE, page.cursor)
    key = web.status["uri"]
    assert (page.refs, again.refs) == ({key: f"{HOME} 1"}, {key: f"{HOME} 1"})
    assert web.asked == [("social.example.org/api/v1/accounts/7/statuses", False)]


async def test_post_is_looked_at_again_where_it_lives() -> None:
    web = Web()
    async with web.http() as http:
        refs = (await mastodon.poll(http, SOURCE, "")).refs
        web.asked.clear()
        page = await mastodon.recheck(http, SOURCE, refs)
    assert page.gone == (web.status["uri"],)
    assert web.asked == [
        ("social.example.org/api/v1/statuses", False),
        ("social.example.org/api/v1/statuses/1", False),
        ("social.example.org/api/v2/instance", False),
    ]


async def test_posts_of_two_servers_are_each_looked_at_where_they_live() -> None:
    web = Web()
    async with web.http() as http:
        await mastodon.recheck(http, SOURCE, {"https://a.example/1": f"{HOME} 1", "https://b.example/2": "2"})
    assert [asked for asked in web.asked if asked[0].endswith("/api/v1/statuses")] == [
        ("social.example.org/api/v1/statuses", False),
        ("example.org/api/v1/statuses", True),
    ]


async def test_account_that_is_missing_there_is_missing() -> None:
    async with Web(knows_ada=False).http() as http:
        with pytest.raises(Missing, match=r"^social\.example\.org knows no account @ada@example\.org"):
            await mastodon.poll(http, SOURCE, "")
