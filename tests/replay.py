"""Recorded replies, played back to a connector: how a fixture's case becomes a Page, without a network."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec

from connectors.contract import Address, Connector, Page
from connectors.http.client import Http
from connectors.http.rate_limit import wall_clock
from connectors.sandbox import Inline

UNDATED = datetime(2026, 11, 28, 9, tzinfo=UTC)
"""The time of replies without a date."""
FIXTURES = Path(__file__).parent / "fixtures"


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of `fixtures/{name}.json`: about, source, cursor, replies, expect. Empty if there is no such file."""
    path = FIXTURES / f"{name}.json"
    found: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    return found


class Tape:
    """A transport that answers requests with recorded replies, in order; `asked` lists all requests."""

    def __init__(self, replies: list[Mapping[str, Any]]) -> None:
        self.left = list(replies)
        self.asked: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        for reply in self.left:
            if _is_answer(reply, request):
                self.left.remove(reply)
                return _response(reply)
        raise AssertionError(f"No reply was recorded to {request.method} {request.url}; left are {self.left}")

    def http(self, now: Callable[[], datetime] = wall_clock) -> Http:
        return Http(transport=httpx.MockTransport(self.answer), sandbox=Inline, per_second=10_000, now=now)


async def replay(connector: Connector, case: Mapping[str, Any]) -> Page:
    """The connector's Page for a case, at the time of its replies.

    Raises ConnectorError, and AssertionError if a reply was never requested.
    """
    tape = Tape(case["replies"])
    dates = [reply["headers"]["date"] for reply in case["replies"] if "date" in reply.get("headers", {})]
    moment = max(map(parsedate_to_datetime, dates), default=UNDATED)
    async with tape.http(lambda: moment) as http:
        page = await connector.poll(http, msgspec.convert(case["source"], Address), case.get("cursor", ""))
    assert tape.left == []
    return page


def _is_answer(reply: Mapping[str, Any], request: httpx.Request) -> bool:
    """`GET /path?query`, or with scheme and host; the order of query parameters is ignored.

    `sends` is the JSON that the request must carry.
    """
    method, _, target = reply["request"].partition(" ")
    wanted = httpx.URL(target)
    here = not wanted.host or (wanted.scheme, wanted.netloc) == (request.url.scheme, request.url.netloc)
    same_query = sorted(wanted.params.multi_items()) == sorted(request.url.params.multi_items())
    same_body = "sends" not in reply or json.loads(request.content) == reply["sends"]
    return method == request.method and here and wanted.path == request.url.path and same_query and same_body


def _response(reply: Mapping[str, Any]) -> httpx.Response:
    body, headers = reply.get("body", ""), dict(reply.get("headers", {}))
    if not isinstance(body, str):
        headers.setdefault("content-type", "application/json")
        body = json.dumps(body)
    return httpx.Response(reply.get("status", 200), headers=headers, content=body.encode())
