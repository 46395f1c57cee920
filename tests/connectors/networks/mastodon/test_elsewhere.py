"""An account whose Mastodon is on another host than its domain: found by WebFinger, followed and rechecked there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors.contract import Address
from connectors.errors import NotFound
from connectors.http.client import Http
from connectors.sandbox import Inline
from tests.connectors.networks.mastodon.sources import mastodon
from tests.fakes.mastodon_entities import new_account, new_status

HOME = "https://social.example.org"
SOURCE = Address(
    network="mastodon",
    kind="account",
    value="ada@example.org",
    server="https://example.org",
    credentials={"token": "s3cret"},
)


class Web:
    """`example.org` has a web site and WebFinger; `social.example.org` is the server."""

    def __init__(self, *, knows_ada: bool = True) -> None:
        self.asked: list[tuple[str, bool]] = []
        self.knows_ada = knows_ada
        self.gone = ""
        self.deleted = False
        self.lives_at(HOME, 7)

    def lives_at(self, home: str, number: int) -> None:
        """The account's server, and its id there."""
        self.home, self.number = home, number
        status = new_status(home, "1", "ada")
        self.status = {
            **status,
            "content": "<p>Good morning</p>",
            "account": new_account(home, "ada", number=number),
            "reblog": None,
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        self.asked.append((f"{url.host}{url.path}", "authorization" in request.headers))
        body = self._bodies().get(f"{url.host}{url.path}")
        if self.gone and url.path.endswith(self.gone):
            return httpx.Response(410)
        return httpx.Response(404) if body is None else httpx.Response(200, json=body)

    def _bodies(self) -> dict[str, Any]:
        actor = {"rel": "self", "type": "application/activity+json", "href": f"{self.home}/users/ada"}
        host = self.home.removeprefix("https://")
        bodies: dict[str, Any] = {
            "example.org/.well-known/webfinger": {"subject": "acct:ada@example.org", "links": [actor]},
            f"{host}/api/v2/instance": {"domain": "example.org", "version": "4.5.0"},
            f"{host}/api/v1/accounts/{self.number}/statuses": [] if self.deleted else [self.status],
            f"{host}/api/v1/statuses": [],
        }
        if self.knows_ada:
            bodies[f"{host}/api/v1/accounts/lookup"] = {"id": str(self.number)}
        return bodies

    def http(self) -> Http:
        return Http(transport=httpx.MockTransport(self.answer), sandbox=Inline, per_second=10_000)


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
        web.deleted = True
        page = await mastodon.recheck(http, SOURCE, refs)
    assert (page.gone, page.missing) == ((), (web.status["uri"],))  # no listed post can be a witness
    assert web.asked == [
        ("social.example.org/api/v1/statuses", False),
        ("social.example.org/api/v1/statuses/1", False),
        ("social.example.org/api/v1/accounts/lookup", False),
        ("social.example.org/api/v1/accounts/7/statuses", False),
        ("social.example.org/api/v1/timelines/public", False),
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
        with pytest.raises(
            NotFound, match=r"^Account not found: social\.example\.org has no account @ada@example\.org"
        ):
            await mastodon.poll(http, SOURCE, "")


@pytest.mark.parametrize("answer", [401, 429, 500])
async def test_server_in_trouble_costs_nothing_that_another_has_said(answer: int) -> None:
    """The old server of an account that has moved, for instance."""
    web = Web()
    web.deleted = True

    def answered(request: httpx.Request) -> httpx.Response:
        return httpx.Response(answer) if request.url.host == "old.example.org" else web.answer(request)

    async with Http(transport=httpx.MockTransport(answered), sandbox=Inline, per_second=10_000) as http:
        page = await mastodon.recheck(
            http, SOURCE, {"https://a.example/1": "https://old.example.org 1", f"{HOME}/2": f"{HOME} 2"}
        )
    assert (page.missing, len(page.broken)) == ((f"{HOME}/2",), 1)


# --- an account that has moved ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("there", "number"), [(HOME, 8), ("https://new.example.org", 7), ("https://example.org", 7)])
async def test_account_that_has_moved_is_looked_up_once_more_and_read_from_the_start(there: str, number: int) -> None:
    web = Web()
    async with web.http() as http:
        before = await mastodon.poll(http, SOURCE, "")
        web.lives_at(there, number)
        page = await mastodon.poll(http, SOURCE, before.cursor)
        web.asked.clear()
        again = await mastodon.poll(http, SOURCE, page.cursor)
    ref = "1" if there == SOURCE.server else f"{there} 1"
    assert (page.refs, again.refs, page.to_recheck) == ({web.status["uri"]: ref}, {web.status["uri"]: ref}, ())
    host = there.removeprefix("https://")
    assert web.asked == [(f"{host}/api/v1/accounts/{number}/statuses", there == SOURCE.server)]


async def test_account_that_is_nowhere_any_more_is_missing() -> None:
    web = Web()
    async with web.http() as http:
        before = await mastodon.poll(http, SOURCE, "")
        web.lives_at(HOME, 8)
        web.knows_ada = False
        with pytest.raises(
            NotFound, match=r"^Account not found: social\.example\.org has no account @ada@example\.org"
        ):
            await mastodon.poll(http, SOURCE, before.cursor)


async def test_account_is_gone_where_its_timeline_is_and_nobody_knows_it() -> None:
    web = Web()
    async with web.http() as http:
        before = await mastodon.poll(http, SOURCE, "")
        web.gone, web.knows_ada = "/api/v1/accounts/7/statuses", False
        with pytest.raises(NotFound) as caught:
            await mastodon.poll(http, SOURCE, before.cursor)
    assert caught.value.gone


@pytest.mark.parametrize("polled", [True, False], ids=["later", "first poll"])
@pytest.mark.parametrize("number", [7, 8], ids=["there", "moved"])
async def test_account_that_is_still_known_is_not_gone_with_its_timeline(number: int, *, polled: bool) -> None:
    web = Web()
    async with web.http() as http:
        cursor = (await mastodon.poll(http, SOURCE, "")).cursor if polled else ""
        web.gone = "/statuses"
        web.number = number
        with pytest.raises(NotFound, match=r"^Timeline not found: social\.example\.org knows @ada@example") as caught:
            await mastodon.poll(http, SOURCE, cursor)
        assert not caught.value.gone
        web.gone = ""
        assert (await mastodon.poll(http, SOURCE, cursor)).posts
