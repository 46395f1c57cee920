"""Servers that drip or do not answer: the client gives them up, and says so in one sentence."""

from __future__ import annotations

import httpx
import pytest

from connectors.errors import Unavailable
from tests.connectors.http.asking import Drip, always, client, trouble


async def test_http_lets_no_server_hold_it_by_dripping() -> None:
    drip = Drip(*[b"x"] * 1000, pause=0.005)
    async with client(always(200, stream=drip), deadline=0.05) as http:
        with pytest.raises(Unavailable, match=r"^Request timed out: a\.example took too long to answer\.$"):
            await http.get("http://a.example/x")
    assert drip.taken < 100


@pytest.mark.parametrize("first", [b"x", b"x" * 20_000], ids=["from the start", "later"])
async def test_hurried_request_ends_where_a_server_begins_to_drip(first: bytes) -> None:
    drip = Drip(first, *[b"x"] * 1000, pause=0.005)
    async with client(always(200, stream=drip), hurried=0.05) as http:
        with pytest.raises(Unavailable, match=r"^Request timed out: a\.example took too long to answer\.$"):
            await http.get("http://a.example/x", hurried=True)
    assert drip.taken < 100


async def test_hurried_request_may_take_long_while_much_comes() -> None:
    drip = Drip(*[b"x" * 20_000] * 30, pause=0.04)
    async with client(always(200, stream=drip), hurried=1.0) as http:
        assert len((await http.get("http://a.example/x", hurried=True)).body) == 600_000


async def test_http_calls_a_time_out_by_its_name() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("")

    assert str(await trouble(answer)) == "Request timed out: a.example took too long to answer."
