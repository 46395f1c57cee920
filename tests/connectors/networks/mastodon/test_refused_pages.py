"""Pages below the newest one that a server refuses, or does not find: a gap, never an empty timeline."""

from __future__ import annotations

import httpx
import pytest

from connectors.contract import Address, Page
from connectors.errors import Unavailable
from connectors.networks.mastodon.client import LIMIT, MAX_PAGE
from connectors.networks.mastodon.cursor import read_cursor
from connectors.networks.mastodon.gaps import GAP, LOST
from connectors.networks.mastodon.timeline import TRIES
from tests.connectors.networks.mastodon.listing import ACCOUNT, HASHTAG, Listing, is_walk
from tests.connectors.networks.mastodon.sources import mastodon

REFUSALS = (400, 401, 403, 404, 410, 422, 451, 500)


def numbers(page: Page) -> list[int]:
    return [int(key.rpartition("/")[2]) for key in page.refs]


@pytest.mark.parametrize("source", [HASHTAG, ACCOUNT], ids=["hashtag", "account"])
@pytest.mark.parametrize("status", REFUSALS)
async def test_page_of_a_gap_that_is_refused_is_asked_for_again_and_loses_nothing(source: Address, status: int) -> None:
    server = Listing(60)
    async with server.http() as http:
        cursor = (await mastodon.poll(http, source, "")).cursor
        server.grow(2 * LIMIT)
        server.otherwise = lambda request: httpx.Response(status) if is_walk(request) else None
        first = await mastodon.poll(http, source, cursor)
        server.otherwise = lambda _: None
        second = await mastodon.poll(http, source, first.cursor)
    assert (numbers(first), first.broken) == ([*range(101, 141)], (GAP,))
    assert not read_cursor(first.cursor).unused
    assert (numbers(second), second.broken) == ([*range(61, 141)], ())


@pytest.mark.parametrize("status", REFUSALS)
async def test_gap_that_a_server_always_refuses_is_reported_as_lost(status: int) -> None:
    server = Listing(60)
    sentences, cursor = [], ""
    async with server.http() as http:
        cursor = (await mastodon.poll(http, HASHTAG, "")).cursor
        server.grow(2 * LIMIT)
        server.otherwise = lambda request: httpx.Response(status) if is_walk(request) else None
        for _ in range(TRIES + 1):
            page = await mastodon.poll(http, HASHTAG, cursor)
            sentences.append(page.broken)
            cursor = page.cursor
    assert sentences == [(GAP,)] * (TRIES - 1) + [(LOST,), ()]


@pytest.mark.parametrize("status", [404, 410])
async def test_part_of_the_newest_page_that_is_not_found_makes_no_empty_timeline(status: int) -> None:
    """The page is too large, and its first half comes."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.params.get("limit") == str(LIMIT):
            return httpx.Response(200, content=b" " * (MAX_PAGE + 1))
        return httpx.Response(status) if is_walk(request) else None

    server = Listing(60, answer)
    async with server.http() as http:
        with pytest.raises(Unavailable, match=r"^Timeline incomplete: m\.example does not find a part of what it"):
            await mastodon.poll(http, HASHTAG, "")
