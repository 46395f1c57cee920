"""Posts whose authors edit the followed hashtag out of them."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.http.client import Http
from tests.connectors.networks.mastodon.sources import account, keys, mastodon, tag
from tests.fakes.mastodon_server import MastodonServer


def tags(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "url": f"https://m.example/tags/{name}"} for name in names]


async def left(server: MastodonServer, http: Http, source: Any, text: str, **fields: Any) -> bool:
    """Whether a post with #socitm09 and #hall is unmatched after that edit; its new content comes in any case."""
    ref = server.post("Good morning", tags=["socitm09", "hall"])
    server.edit(ref, text, **fields)
    page = await mastodon.recheck(http, source, {server.uri(ref): ref})
    assert keys(page) == [server.uri(ref)]
    assert page.unmatched in ((), (server.uri(ref),))
    return page.unmatched != ()


@pytest.mark.parametrize(
    ("options", "now", "leaves"),
    [
        ({}, ["hall"], True),
        ({}, ["SOCITM09"], False),
        ({"any": ["hall"]}, ["hall"], False),
        ({"any": ["hall"]}, [], True),
        ({"all": ["hall"]}, ["socitm09"], True),
        ({"all": ["hall"]}, ["socitm09", "hall"], False),
        ({"none": ["spam"]}, ["socitm09", "spam"], True),
    ],
)
async def test_post_leaves_with_the_tags_that_its_source_follows(
    server: MastodonServer, http: Http, options: dict[str, Any], now: list[str], *, leaves: bool
) -> None:
    assert await left(server, http, tag(server, **options), "Good evening", tags=tags(*now)) == leaves


async def test_tag_in_the_text_counts_where_the_server_lists_none(server: MastodonServer, http: Http) -> None:
    assert not await left(server, http, tag(server), "Good evening, #Socitm09", tags=[])


async def test_post_of_an_account_never_leaves_it(server: MastodonServer, http: Http) -> None:
    assert not await left(server, http, account(server), "Good evening", tags=[])


async def test_post_that_was_never_edited_does_not_leave(server: MastodonServer, http: Http) -> None:
    ref = server.post("Good morning", tags=["hall"])
    page = await mastodon.recheck(http, tag(server), {server.uri(ref): ref})
    assert (keys(page), page.unmatched) == ([server.uri(ref)], ())
