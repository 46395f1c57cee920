"""A Mastodon server without a socket: a timeline of plain posts, and tests say which requests fare otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from connectors.contract import Address
from connectors.http.client import Http
from connectors.sandbox import Inline
from tests.fakes.mastodon_entities import new_account, new_status

SERVER = "https://m.example"
HASHTAG = Address(network="mastodon", kind="hashtag", value="hall", server=SERVER)
ACCOUNT = Address(network="mastodon", kind="account", value="ada@m.example", server=SERVER)
ADA = new_account(SERVER, "ada", 1)
LOOK_UP = "/api/v1/accounts/lookup"
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)

Otherwise = Callable[[httpx.Request], httpx.Response | None]


class Listing:
    """The posts from 1 to `count`; `otherwise` may answer a request in the server's place."""

    def __init__(self, count: int = 0, otherwise: Otherwise = lambda _: None) -> None:
        self.rows = [row(number) for number in range(1, count + 1)]
        self.otherwise = otherwise
        self.etag = ""
        self.is_blind = False  # and finds no single post
        self.asked: list[httpx.Request] = []
        self.now = NOW
        self.transport = httpx.MockTransport(self._answer)

    def grow(self, count: int) -> None:
        self.rows += [row(number) for number in range(len(self.rows) + 1, len(self.rows) + count + 1)]

    def http(self) -> Http:
        return Http(transport=self.transport, sandbox=Inline, per_second=10_000, now=lambda: self.now)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if (answer := self.otherwise(request)) is not None:
            return answer
        path = request.url.path
        if path == LOOK_UP:
            return httpx.Response(200, json=ADA)
        if path == "/api/v2/instance":
            return httpx.Response(200, json={"domain": "m.example", "version": "4.5.0"})
        if not (path.startswith("/api/v1/timelines/tag/") or path.endswith("/statuses")):
            return self._status(path)
        if self.etag and request.headers.get("if-none-match") == self.etag:
            return httpx.Response(304)
        return httpx.Response(200, json=self.page(request.url.params), headers={"ETag": self.etag})

    def _status(self, path: str) -> httpx.Response:
        found = [row for row in self.rows if path == f"/api/v1/statuses/{row['id']}" and not self.is_blind]
        return httpx.Response(200, json=found[0]) if found else httpx.Response(404, json={"error": "Record not found"})

    def page(self, params: httpx.QueryParams) -> list[dict[str, Any]]:
        limit = int(params.get("limit", "20"))
        if "min_id" in params:
            return [row for row in self.rows if int(row["id"]) > int(params["min_id"])][:limit][::-1]
        end = float(params.get("max_id") or "inf")
        return [row for row in self.rows if int(row["id"]) < end][-limit:][::-1]


def row(number: int, **fields: Any) -> dict[str, Any]:
    status = new_status(SERVER, str(number), "ada")
    return {**status, "account": ADA, "content": f"<p>{number} #hall</p>", "tags": [{"name": "hall"}], **fields}


def is_walk(request: httpx.Request) -> bool:
    """Whether it asks for more than the newest page."""
    return "min_id" in request.url.params or "max_id" in request.url.params
