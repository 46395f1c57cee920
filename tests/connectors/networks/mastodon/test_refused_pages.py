"""Pages below the newest one that a server refuses, does not find, or sends empty: a gap, never an empty timeline."""

from __future__ import annotations

from collections.abc import Callable

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


# --- empty pages ------------------------------------------------------------------------------------------------


class Emptying:
    """A server that has sent the posts 1 to 10, has 140 more by now, and sends `empty` pages for the further ones."""

    def __init__(self, source: Address = HASHTAG) -> None:
        self.server = Listing(10)
        self.source = source
        self.cursor = ""

    async def poll(self, *, empty: Callable[[httpx.Request], bool] = lambda _: False) -> Page:
        self.server.otherwise = lambda request: httpx.Response(200, json=[]) if empty(request) else None
        async with self.server.http() as http:
            page = await mastodon.poll(http, self.source, self.cursor)
        self.cursor = page.cursor
        return page


@pytest.mark.parametrize("source", [HASHTAG, ACCOUNT], ids=["hashtag", "account"])
async def test_page_of_a_gap_that_is_empty_once_loses_nothing(source: Address) -> None:
    timeline = Emptying(source)
    await timeline.poll()
    timeline.server.grow(140)
    first = await timeline.poll(empty=is_walk)
    assert (numbers(first), first.broken) == ([*range(111, 151)], (GAP,))
    second = await timeline.poll()
    assert (numbers(second), second.broken) == ([*range(11, 151)], ())


async def test_way_up_that_ends_at_an_empty_page_loses_nothing() -> None:
    timeline = Emptying()
    await timeline.poll()
    timeline.server.grow(140)
    first = await timeline.poll(empty=lambda request: is_walk(request) and request.url.params.get("min_id") != "10")
    assert (numbers(first), first.broken) == ([*range(11, 51), *range(111, 151)], (GAP,))
    second = await timeline.poll()
    assert (numbers(second), second.broken) == ([*range(11, 151)], ())


async def test_pages_that_are_always_empty_are_reported_as_lost() -> None:
    """A server may keep only its newest posts."""
    timeline = Emptying()
    await timeline.poll()
    timeline.server.grow(140)
    sentences = [(await timeline.poll(empty=is_walk)).broken for _ in range(TRIES + 1)]
    assert sentences == [(GAP,)] * (TRIES - 1) + [(LOST,), ()]


@pytest.mark.parametrize(("deleted", "finds", "sentence"), [(10, True, ()), (9, True, (GAP,)), (10, False, (GAP,))])
async def test_page_is_truly_empty_where_all_known_posts_are_deleted(
    deleted: int, sentence: tuple[str, ...], *, finds: bool
) -> None:
    """The 404 for a known post counts only if the same request finds a listed one."""
    timeline = Emptying()
    await timeline.poll()
    timeline.server.grow(160)
    del timeline.server.rows[:deleted]

    def is_empty(request: httpx.Request) -> bool:
        params = request.url.params
        return "min_id" in params or int(params.get("max_id", "99")) <= 11

    timeline.server.is_blind = not finds
    page = await timeline.poll(empty=is_empty)
    assert (numbers(page), page.broken) == ([*range(11, 171)], sentence)
