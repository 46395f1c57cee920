"""A case's files, served as its `serve.json` declares: to a client in this process, or over a loopback socket.

A reply has `status`, `headers`, and one of `file`, `json`, `body`, `timeline`; `{base}` stands for the server's own
origin. All else is a 404.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.fakes.local_server import Answer, LocalServer

CASES = Path(__file__).parents[1] / "fixtures" / "cases"
ORIGIN = "https://case.example"
"""The origin of a case for a client whose transport is replaced."""
USUAL_PAGE = 20
LARGEST_PAGE = 40
CONDITIONAL = frozenset({"if-none-match", "if-modified-since"})


class Case:
    """One folder of `fixtures/cases`. `polls` are its states, one after the other; the last one stays."""

    def __init__(self, name: str, base: str = ORIGIN) -> None:
        self.folder = CASES / name
        self.base = base
        self.asked: list[str] = []
        said = json.loads((self.folder / "serve.json").read_text())
        self.polls: list[dict[str, Any]] = said["polls"]
        self.hashtag: str = said.get("hashtag", "")
        self.feed: str = said.get("follow", "")
        self._now = self.polls[0]

    def turn(self, poll: int) -> None:
        """Serve the state of the poll of that number from now on."""
        self._now = self.polls[poll]

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._respond)

    def answer(self, target: str, headers: Mapping[str, str]) -> Answer:
        """The reply to a GET of `target`, a path with its query."""
        self.asked.append(target)
        url = urlsplit(target)
        reply = self._now.get(url.path)
        if reply is None:
            return self._instance() if self.hashtag and url.path == "/api/v2/instance" else Answer(404, {}, b"")
        if "if_validators" in reply and CONDITIONAL & {name.lower() for name in headers}:
            reply = reply["if_validators"]
        named = {name: value.replace("{base}", self.base) for name, value in reply.get("headers", {}).items()}
        return Answer(reply.get("status", 200), named, self._packed(reply, self._body(reply, url.query)))

    def _respond(self, request: httpx.Request) -> httpx.Response:
        if request.url.copy_with(raw_path=b"/") != httpx.URL(self.base).copy_with(raw_path=b"/"):
            raise httpx.ConnectError("only the case exists")
        status, headers, body = self.answer(request.url.raw_path.decode(), request.headers)
        return httpx.Response(status, headers=headers, stream=_Whole(body))

    def _instance(self) -> Answer:
        return Answer(200, {"Content-Type": "application/json"}, b'{"domain": "case.example", "version": "4.5.0"}')

    def _body(self, reply: Mapping[str, Any], query: str) -> bytes:
        if "timeline" in reply:
            statuses = json.loads(self._file(reply["timeline"]))
            return json.dumps(page(statuses, reply, parse_qs(query))).encode()
        if "file" in reply:
            return self._file(reply["file"])
        body = json.dumps(reply["json"]) if "json" in reply else str(reply.get("body", ""))
        return body.replace("{base}", self.base).encode()

    def _file(self, name: str) -> bytes:
        return (self.folder / name).read_bytes().replace(b"{base}", self.base.encode())

    def _packed(self, reply: Mapping[str, Any], body: bytes) -> bytes:
        if reply.get("pack") == "gzip":
            return gzip.compress(body)
        if reply.get("pack") == "gzip-members":
            return gzip.compress(body[: len(body) // 2]) + gzip.compress(body[len(body) // 2 :])
        return body


class _Whole(httpx.AsyncByteStream):
    """The bytes as they go over the wire: `Response` would decompress its content at once."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> Any:
        yield self._body


def page(
    statuses: list[dict[str, Any]], reply: Mapping[str, Any], query: Mapping[str, list[str]]
) -> list[dict[str, Any]]:
    """One page of a timeline, newest first, by `limit`, `max_id`, `since_id` and `min_id`."""
    asked = {name: int(values[0]) for name, values in query.items() if name in {"max_id", "since_id", "min_id"}}
    limit = min(int(query.get("limit", [str(USUAL_PAGE)])[0]), reply.get("most", LARGEST_PAGE))
    upwards = "min_id" in asked and not reply.get("min_id_is_since_id")
    above, below = max(asked.get("since_id", 0), asked.get("min_id", 0)), asked.get("max_id", 10**30)
    rows = [status for status in statuses if above < int(status["id"]) < below]
    return rows[-limit:] if upwards else rows[:limit]


class CaseServer(LocalServer):
    """A case on a port of its own; `case` declares its replies and notes the requests."""

    def __init__(self, name: str) -> None:
        super().__init__(self._answer)
        self.case = Case(name, self.url)

    def _answer(self, target: str, headers: Mapping[str, str]) -> Answer:
        return self.case.answer(target, headers)
