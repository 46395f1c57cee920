"""The baseline wall: an empty document whose script requests all posts as JSON every few seconds.

It is as lean as such a page can be: no framework, no fonts, a script of one screenful, compressed replies. Every reply
is drawn anew with innerHTML, and a failed request leaves the page as it is.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Any, Self

import uvicorn
from fastapi import FastAPI, Response
from starlette.middleware.gzip import GZipMiddleware

POLL = 5
"""Seconds between two requests; walls that poll other people's servers wait ten and more."""

DOCUMENT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>The baseline wall</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/wall.css">
<script src="/wall.js" defer></script><main id="wall"></main></html>"""

STYLE = """body { margin: 1rem; font: 1rem/1.4 sans-serif } main { columns: 22rem } img { max-width: 100% }
article { break-inside: avoid; margin: 0 0 1rem; padding: 1rem; border: 1px solid #ccc } .avatar { width: 3rem }"""

SCRIPT = """const media = '%(media)s'
const picture = (it, size) => it?.id ? `<img src="${media}/media/${it.id}/${size}.webp" width="${it.width}"
  height="${it.height}" alt="" class="${size === 's' ? 'avatar' : ''}" style="height: auto">` : ''
const card = ({ author, created_at, html, media }) => `<article>${picture(author.avatar, 's')}
  <b>${author.name}</b> ${author.handle} <time>${new Date(created_at).toLocaleString()}</time>
  ${html ?? ''}${(media ?? []).map((it) => picture(it.picture, 'l')).join('')}</article>`
async function draw() {
  const posts = await (await fetch('/posts')).json()
  document.getElementById('wall').innerHTML = posts.map(card).join('')
}
draw()
setInterval(draw, %(poll)d)"""


class BaselineWall:
    """The server of the baseline wall. `url` is its address once started; `posts` is its answer, newest first."""

    def __init__(self, media: str) -> None:
        self.posts: list[dict[str, Any]] = []
        self._media = media
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self._server = uvicorn.Server(
            uvicorn.Config(self._app(), log_config=None, access_log=False, lifespan="off", ws="none")
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def say(self, words: str) -> None:
        """Add a post now."""
        author = {"name": "Ada Example", "handle": "@ada@quay.example"}
        created_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.posts = [{"author": author, "created_at": created_at, "html": f"<p>{words}</p>"}, *self.posts]

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _app(self) -> FastAPI:
        app = FastAPI()
        app.add_middleware(GZipMiddleware)
        script = SCRIPT % {"media": self._media, "poll": POLL * 1000}

        @app.get("/")
        def document() -> Response:
            return Response(DOCUMENT, media_type="text/html")

        @app.get("/wall.css")
        def style() -> Response:
            return Response(STYLE, media_type="text/css")

        @app.get("/wall.js")
        def program() -> Response:
            return Response(script, media_type="text/javascript")

        @app.get("/posts")
        def posts() -> Response:
            return Response(json.dumps(self.posts[:60], ensure_ascii=False), media_type="application/json")

        return app
