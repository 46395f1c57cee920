"""Statuses without a usable id: counted, and neither a server of another kind nor a gap."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors.networks.mastodon.client import LIMIT, MAX_PAGE, UNNAMED
from connectors.networks.mastodon.reading import STRANGE
from tests.connectors.networks.mastodon.listing import HASHTAG, Listing, is_walk, row
from tests.connectors.networks.mastodon.sources import mastodon

STRANGER = f"Unreadable post (without an id): {STRANGE}."


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"id": None}, STRANGER), ({"id": "two words"}, UNNAMED), ({"id": 7, "uri": None}, "Unreadable post (7): ")],
)
async def test_page_whose_only_status_is_unusable_is_empty(fields: dict[str, Any], sentence: str) -> None:
    """Whether it is the first one of a hashtag or not."""
    server = Listing()
    only = [row(7, **fields)]
    server.otherwise = lambda request: httpx.Response(200, json=only) if "tag" in request.url.path else None
    async with server.http() as http:
        first = await mastodon.poll(http, HASHTAG, "")
        second = await mastodon.poll(http, HASHTAG, first.cursor)
    for page in (first, second):
        assert (page.posts, len(page.broken), page.to_recheck) == ((), 1, ())
        assert page.broken[0].startswith(sentence)


async def test_posts_after_a_page_without_ids_are_not_missed() -> None:
    server = Listing(3)
    async with server.http() as http:
        cursor = (await mastodon.poll(http, HASHTAG, "")).cursor
        server.otherwise = lambda _: httpx.Response(200, json=[row(4, id=None)])
        page = await mastodon.poll(http, HASHTAG, cursor)
        server.otherwise = lambda _: None
        server.grow(2 * LIMIT)
        later = await mastodon.poll(http, HASHTAG, page.cursor)
    assert (page.posts, page.broken, page.to_recheck) == ((), (STRANGER,), ())
    assert (len(later.posts), later.broken) == (2 * LIMIT, ())


async def test_single_status_without_an_id_leaves_the_other_pieces_of_a_large_page() -> None:
    """Each piece of several posts is too large; the fifth from the top has no id, and `Link` leads past it."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        params = request.url.params
        if params.get("limit") != "1":
            return httpx.Response(200, content=b" " * (MAX_PAGE + 1))
        if params.get("max_id") == "57":
            link = '<https://m.example/?max_id=56>; rel="next"'
            return httpx.Response(200, json=[row(56, id=None)], headers={"Link": link})
        return None

    server = Listing(60, answer)
    async with server.http() as http:
        page = await mastodon.poll(http, HASHTAG, "")
    assert STRANGER in page.broken
    assert is_walk(server.asked[-1])
    assert {post.key.rpartition("/")[2] for post in page.posts} >= {"60", "59", "58", "57", "55", "54"}
