"""A stranger's web server on a free port of the loopback: it answers what it is told to, and notes who asked what."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.request import urlopen

from tests.fakes.local_server import Answer, LocalServer
from tests.wall_server import WallServer

T = TypeVar("T")

TIMEOUT = 60.0


class Service(LocalServer):
    """`replies` maps a path to (content type, body); all else is a 404. `asked` are the paths, in their order."""

    def __init__(self, replies: Mapping[str, tuple[str, bytes]]) -> None:
        super().__init__(self._answer)
        self.asked: list[str] = []
        self._replies = replies

    def _answer(self, target: str, _headers: Mapping[str, str]) -> Answer:
        self.asked.append(target)
        kind, body = self._replies.get(target.partition("?")[0], ("", b""))
        return Answer(200 if kind else 404, {"Content-Type": kind or "text/plain"}, body)


def posts(server: WallServer, slug: str) -> list[dict[str, Any]]:
    """The bodies of the posts on a wall, newest first, as anybody may read them."""
    with urlopen(f"{server.url}/api/walls/{slug}/records", timeout=20) as reply:
        records = json.load(reply)["records"]
    return [record["body"] for record in records if record["kind"] == "post"]


def until(what: Callable[[], T | None], patience: float = TIMEOUT) -> T:
    """What this comes to, once that is something; a test that waits in vain fails with what there was last."""
    give_up_at = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < give_up_at, f"waited in vain; last there was {found!r}"
        time.sleep(0.2)
    return found
