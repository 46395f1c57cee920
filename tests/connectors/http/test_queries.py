"""The query of a requested address."""

from __future__ import annotations

import httpx
import pytest

from tests.connectors.http.asking import client


@pytest.mark.parametrize("query", ["rss", "q=a;b", "q=a%20b&sig=~!*'()", "a=1&&b"])
async def test_query_stays_as_it_is_written(query: str) -> None:
    """Some servers test for the bare word, and a signature covers every character."""
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query)
        return httpx.Response(200)

    async with client(answer) as http:
        await http.get(f"http://a.example/x?{query}")
    assert asked == [query.encode()]
