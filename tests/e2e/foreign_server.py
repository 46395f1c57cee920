"""A stranger's web server on a free port of the loopback: it answers what it is told to, and notes who asked what."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, TypeVar
from urllib.request import urlopen

from tests.wall_server import WallServer

T = TypeVar("T")

PATIENCE = 60.0


class Service:
    """`replies` maps a path to (content type, body); all else is a 404. `asked` are the paths, in their order."""

    def __init__(self, replies: Mapping[str, tuple[str, bytes]]) -> None:
        outer = self
        self.asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                kind, body = replies.get(self.path.partition("?")[0], ("", b""))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)


def posts(server: WallServer, slug: str) -> list[dict[str, Any]]:
    """The bodies of the posts on a wall, newest first, as anybody may read them."""
    with urlopen(f"{server.url}/api/walls/{slug}/records", timeout=20) as reply:
        records = json.load(reply)["records"]
    return [record["body"] for record in records if record["kind"] == "post"]


def until(what: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """What this comes to, once that is something; a test that waits in vain fails with what there was last."""
    give_up_at = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < give_up_at, f"waited in vain; last there was {found!r}"
        time.sleep(0.2)
    return found
