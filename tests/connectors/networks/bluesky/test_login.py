"""The login of the account that searches: one session for all sources, refreshed, and never begun at each poll."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.contract import Address
from connectors.errors import ConnectorError, Forbidden, Unavailable
from connectors.http.client import Http
from connectors.networks.bluesky.connector import Bluesky
from connectors.networks.bluesky.login import end_of
from connectors.sandbox import Inline
from tests.aggregator.invented import START, Clock

HOUR = timedelta(hours=1)


def source(tag: str = "harbour26", server: str = "") -> Address:
    return Address(
        network="bluesky",
        kind="hashtag",
        value=tag,
        server=server,
        options={"account": "reader.quay.example"},
        credentials={"token": "app-pass"},
    )


def token(number: int, clock: Clock) -> str:
    payload = json.dumps({"exp": int((clock() + 2 * HOUR).timestamp()), "n": number}).encode()
    return f"head.{urlsafe_b64encode(payload).decode().rstrip('=')}.sign"


class Server:
    """A PDS that passes searches on. `refuses` maps a method to a status."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.asked: list[tuple[str, str]] = []
        self.refuses: dict[str, int] = {}
        self.sessions = 0
        self.valid = ""

    def http(self) -> Http:
        return Http(transport=httpx.MockTransport(self._answer), sandbox=Inline, per_second=100_000, now=self.clock)

    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.rpartition(".")[2]
        self.asked.append((method, request.headers.get("authorization", "")))
        if status := self.refuses.get(method):
            return httpx.Response(status, json={"error": "ExpiredToken", "message": "No"})
        if method in {"createSession", "refreshSession"}:
            self.sessions += 1
            self.valid = token(self.sessions, self.clock)
            return httpx.Response(200, json={"accessJwt": self.valid, "refreshJwt": f"refresh-{self.sessions}"})
        return httpx.Response(200, json={"posts": [], "profiles": []})


async def poll(http: Http, *sources: Address) -> list[Any]:
    found = (Bluesky().poll(http, each, "") for each in sources or (source(),))
    return await asyncio.gather(*found, return_exceptions=True)


async def test_two_sources_share_one_session_until_it_ends() -> None:
    server = Server()
    async with server.http() as http:
        await poll(http, source(), source("quay"))
        await poll(http)
        first = server.valid
        server.clock.forward(2 * HOUR.total_seconds() - 30)  # less than a minute before its end
        await poll(http)
    assert server.methods() == ["createSession", *["searchPosts"] * 3, "refreshSession", "searchPosts"]
    assert [sent for method, sent in server.asked if method == "refreshSession"] == ["Bearer refresh-1"]
    assert [sent for method, sent in server.asked if method == "searchPosts"] == [
        *[f"Bearer {first}"] * 3,
        f"Bearer {server.valid}",
    ]


async def test_refused_password_is_not_tried_again_at_once() -> None:
    server = Server()
    server.refuses["createSession"] = 401
    async with server.http() as http:
        for _ in range(3):
            (error,) = await poll(http)
            assert isinstance(error, Forbidden)
            assert "app password of @reader.quay.example" in str(error)
        server.clock.forward(1_000)
        await poll(http)
    assert server.methods() == ["createSession"] * 2


async def test_refused_refresh_begins_a_new_session() -> None:
    server = Server()
    async with server.http() as http:
        await poll(http)
        server.refuses["refreshSession"] = 400
        server.clock.forward(2 * HOUR.total_seconds())
        assert not isinstance((await poll(http))[0], Exception)
    assert server.methods() == ["createSession", "searchPosts", "refreshSession", "createSession", "searchPosts"]


async def test_session_outlives_a_failure_of_its_server() -> None:
    server = Server()
    async with server.http() as http:
        await poll(http)
        server.refuses["refreshSession"] = 502
        server.clock.forward(2 * HOUR.total_seconds())
        assert isinstance((await poll(http))[0], Unavailable)
        del server.refuses["refreshSession"]
        await poll(http)
    assert server.methods()[-3:] == ["refreshSession", "refreshSession", "searchPosts"]


async def test_password_goes_to_the_named_server_only() -> None:
    hosts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(307, headers={"Location": "https://elsewhere.example/"})

    async with Http(transport=httpx.MockTransport(answer), sandbox=Inline) as http:
        with pytest.raises(ConnectorError):
            await Bluesky().poll(http, source(server="https://pds.quay.example"), "")
    assert hosts == ["pds.quay.example"]


@pytest.mark.parametrize("answer", [[], {"accessJwt": 7, "refreshJwt": "r"}, {"accessJwt": "a"}, "<html>"])
async def test_session_of_another_form_is_no_session(answer: Any) -> None:
    async with Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer)), sandbox=Inline) as http:
        with pytest.raises(ConnectorError, match=r"^Not a Bluesky service"):
            await Bluesky().poll(http, source(), "")


def test_end_of_a_token_is_read_if_it_has_one() -> None:
    assert end_of(token(1, Clock())) == START + 2 * HOUR
    assert [end_of(text) for text in ("", "a.b.c", "a.e30.c", "a.eyJleHAiOiAxZTk5fQ.c", "a.W10.c")] == [None] * 5
