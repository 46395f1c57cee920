"""A stranger's web server on a free port of the loopback: it gives prepared replies, and notes the requests."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.request import urlopen

from tests.fakes.local_server import Answer, LocalServer
from tests.wall_server import WallServer

T = TypeVar("T")

WAIT_TIMEOUT = 60.0
"""Seconds."""


class Service(LocalServer):
    """`replies` maps a path to (content type, body); all else is a 404. `asked` are the requested paths, in order."""

    def __init__(self, replies: Mapping[str, tuple[str, bytes]]) -> None:
        super().__init__(self._answer)
        self.asked: list[str] = []
        self._replies = replies

    def _answer(self, target: str, _headers: Mapping[str, str]) -> Answer:
        self.asked.append(target)
        kind, body = self._replies.get(target.partition("?")[0], ("", b""))
        return Answer(200 if kind else 404, {"Content-Type": kind or "text/plain"}, body)


def posts(server: WallServer, slug: str) -> list[dict[str, Any]]:
    """The bodies of the posts on a wall, newest first, from the public API."""
    with urlopen(f"{server.url}/api/walls/{slug}/records", timeout=60) as reply:
        records = json.load(reply)["records"]
    return [record["body"] for record in records if record["kind"] == "post"]


def until(what: Callable[[], T | None], timeout: float = WAIT_TIMEOUT) -> T:
    """The first true result of `what`; a timeout raises an error with the last result."""
    give_up_at = time.monotonic() + timeout
    while not (found := what()):
        assert time.monotonic() < give_up_at, f"timed out; the last result was {found!r}"
        time.sleep(0.2)
    return found
