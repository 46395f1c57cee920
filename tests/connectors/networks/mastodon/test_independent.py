"""The Mastodon connector against an independently written server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import httpx
import pytest
from mastodon_mock.testing.server import MockServer

from connectors.http.client import Http
from tests.connectors.networks.mastodon.sources import keys, mastodon


@pytest.fixture
def independent() -> Iterator[MockServer]:
    """mastodon-mock on a real socket: the same API, written by other people."""
    with MockServer() as running:
        yield running


class Alice:
    """A person with an account there."""

    def __init__(self, server: MockServer) -> None:
        self._client = httpx.Client(
            base_url=f"{server.base_url}/api/v1/", headers={"Authorization": "Bearer alice_token"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def post(self, text: str) -> str:
        return str(self._client.post("statuses", data={"status": text}).raise_for_status().json()["id"])

    def edit(self, ref: str, text: str) -> None:
        self._client.put(f"statuses/{ref}", data={"status": text}).raise_for_status()

    def delete(self, ref: str) -> None:
        self._client.delete(f"statuses/{ref}").raise_for_status()


async def test_independent_server_is_followed_through_posts_edits_and_deletions(
    independent: MockServer, http: Http
) -> None:
    source = mastodon.recognise("#Socitm09", independent.base_url)
    assert source is not None
    with Alice(independent) as alice:
        first = [alice.post(f"Post {number} #socitm09") for number in range(45)]
        page = await mastodon.poll(http, source, "")
        assert list(page.refs.values()) == first
        then = [alice.post(f"Later {number} #socitm09") for number in range(90)]
        page = await mastodon.poll(http, source, page.cursor)
        assert list(page.refs.values()) == then
        alice.edit(then[0], "Corrected #socitm09")
        alice.delete(then[1])
    edited, deleted = list(page.refs)[:2]
    page = await mastodon.recheck(http, source, {edited: then[0], deleted: then[1]})
    assert (keys(page), page.missing, "Corrected" in page.posts[0].html) == ([edited], (deleted,), True)


async def test_independent_server_is_followed_by_account(independent: MockServer, http: Http) -> None:
    source = mastodon.recognise("@alice", independent.base_url)
    assert source is not None
    with Alice(independent) as alice:
        refs = [alice.post(f"Post {number}") for number in range(3)]
    page = await mastodon.poll(http, source, "")
    assert (list(page.refs.values()), page.posts[0].author.name) == (refs, "Alice")
