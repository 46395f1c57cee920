"""A Mastodon-shaped server on a real socket of this machine: tests post to it, and connectors read from it.

    with MastodonServer() as server:
        ref = server.post("Good morning, #socitm09", tags=["socitm09"])
        server.edit(ref, "Good afternoon, #socitm09")
        server.delete(ref)

It serves the public part of Mastodon's REST API: tag and account timelines (`limit`, `max_id`, `since_id`,
`min_id`, `Link`, weak ETags), statuses one by one and in batches, account look-up, instance, and pictures it draws.
It fails on demand (`fail`), can require a token (`token`) and counts down a budget (`budget`). Its `streaming` tells
hashtags as they happen. It federates, stores and
checks nothing.
"""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.mastodon_entities import draw, iso, new_account, new_picture, new_status, to_html
from tests.fakes.mastodon_streaming import Streaming

STEP = 1_000  # between two ids, so that a late arrival can be numbered between them
MAX_LIMIT = 40
OPEN = ("public", "unlisted")


@dataclass
class Failure:
    """The failure of the next `times` requests whose path contains `path`."""

    status: int
    path: str
    times: int
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)


class MastodonServer:
    """The server. `url` is its origin once it has started. All verbs may be called from any thread."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.url = f"http://{self.host}"
        self.streaming = Streaming()
        self._server = uvicorn.Server(
            uvicorn.Config(self._app(), log_config=None, lifespan="off", ws="websockets-sansio")
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Remove all accounts, posts and failures."""
        self.token = ""  # required on timelines and statuses when set
        self.budget: int | None = None  # requests left, announced in X-RateLimit-* when set
        self.batches = True  # whether GET /api/v1/statuses?id[]=… exists (Mastodon 4.3 and later)
        self.requests: list[str] = []  # "GET /path?query", oldest first
        self._statuses: dict[str, dict[str, Any]] = {}
        self._accounts: dict[str, dict[str, Any]] = {}
        self._pictures: dict[str, bytes] = {}
        self._failures: list[Failure] = []
        self.streaming.reset()
        self._last = 117_000_000_000_000_000

    # --- lifetime -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + 60
        while not self._server.started:
            assert time.monotonic() < deadline, "the Mastodon-shaped server did not start"
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- people's actions ---------------------------------------------------------------------------------------

    def account(self, name: str, **fields: Any) -> dict[str, Any]:
        """The account of that name, created when first mentioned; `fields` replace its own."""
        with self._lock:
            if name not in self._accounts:
                self._accounts[name] = new_account(self.url, name, number=100 + len(self._accounts))
            self._accounts[name].update(fields)
            return self._accounts[name]

    def post(
        self,
        text: str,
        *,
        tags: Sequence[str] = (),
        by: str = "ada",
        visibility: str = "public",
        warning: str = "",
        media: Sequence[dict[str, Any]] = (),
        late_by: int = 0,
        **fields: Any,
    ) -> str:
        """Post plain text; return the status's id. `fields` are further fields of the entity (`poll`, `card`, …).

        `late_by` numbers it that many positions below the newest, as a server does with posts from elsewhere.
        """
        with self._lock:
            self._last += 0 if late_by else STEP
            number = self._last - late_by * STEP + 1 if late_by else self._last
            while (ref := str(number)) in self._statuses:
                number += 1
            self._statuses[ref] = {
                **self._new_status(ref, by),
                "content": to_html(text, self.url, tags),
                "tags": [{"name": tag, "url": f"{self.url}/tags/{tag}"} for tag in tags],
                "visibility": visibility,
                "spoiler_text": warning,
                "sensitive": bool(warning),
                "media_attachments": list(media),
                **fields,
            }
            self._publish("update", ref)
            return ref

    def shown(self, ref: str) -> dict[str, Any]:
        """The entity as this server sends it, to embed in another (a quote)."""
        with self._lock:
            return self._shown(self._statuses[ref])

    def edit(self, ref: str, text: str | None = None, **fields: Any) -> None:
        """Change the text, or any fields of the entity (`visibility`, `tags`, …)."""
        with self._lock:
            status = self._statuses[ref]
            if text is not None:
                status["content"] = to_html(text, self.url, [tag["name"] for tag in status["tags"]])
            status["edited_at"] = iso(datetime.now(UTC) + timedelta(milliseconds=1))  # later than the writing
            status.update(fields)
            self._publish("status.update", ref)

    def delete(self, ref: str) -> None:
        with self._lock:
            tags = [tag["name"] for tag in self._statuses.pop(ref)["tags"]]
        self.streaming.publish("delete", tags, ref)

    def _publish(self, kind: str, ref: str) -> None:
        """Tell a public status to those who listen to one of its hashtags."""
        status = self._statuses[ref]
        if status["visibility"] == "public":
            tags = [tag["name"] for tag in status["tags"]]
            self.streaming.publish(kind, tags, json.dumps(self._shown(status)))

    def boost(self, ref: str, *, by: str = "grace", visibility: str = "public") -> str:
        """Boost a status by `by`; return the id of the boost, which only `by`'s account timeline shows."""
        with self._lock:
            self._last += STEP
            boost = str(self._last)
            self._statuses[boost] = {**self._new_status(boost, by), "visibility": visibility, "reblog": ref}
            return boost

    def picture(
        self, width: int = 320, height: int = 240, colour: str = "#5b8", alt: str | None = None
    ) -> dict[str, Any]:
        """A drawn picture of one colour, as a media attachment to post with."""
        name = f"{len(self._pictures) + 1}.png"
        self._pictures[name] = draw(width, height, colour)
        return new_picture(f"{self.url}/media/{name}", width, height, alt)

    def uri(self, ref: str) -> str:
        """The global key of that status."""
        return str(self._statuses[ref]["uri"])

    def fail(
        self, status: int = 500, *, path: str = "/api/", times: int = 1, seconds: float = 0, **headers: str
    ) -> None:
        """Answer the next `times` requests to paths that contain `path` with `status`, after `seconds`.

        `headers` are sent along, written as `retry_after="30"`. Status 0 is a slow success.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._failures.append(Failure(status, path, times, seconds, named))

    # --- responses ----------------------------------------------------------------------------------------------

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/v1/timelines/tag/{tag}", self._guarded(self.tag_timeline)),
                Route("/api/v1/timelines/public", self._guarded(self._public_timeline)),
                Route("/api/v1/accounts/lookup", self._guarded(self._lookup)),
                Route("/api/v1/accounts/{id}/statuses", self._guarded(self._account_timeline)),
                Route("/api/v1/statuses", self._guarded(self._batch)),
                Route("/api/v1/statuses/{id}", self._guarded(self._status)),
                Route("/users/{name}/statuses/{id}", self._guarded(self._object, asks=False)),
                Route("/api/v2/instance", self._guarded(self._instance, asks=False)),
                *self.streaming.routes(),
                Route("/media/{name}", self._guarded(self._picture, asks=False)),
                Route("/avatars/{name}", self._guarded(self._avatar, asks=False)),
            ]
        )

    def _guarded(self, answer: Any, *, asks: bool = True) -> Any:
        async def respond(request: Request) -> Response:
            query = f"?{request.url.query}" if request.url.query else ""
            self.requests.append(f"GET {request.url.path}{query}")
            failure = self._failure(request.url.path)
            if failure and failure.seconds:
                await anyio.sleep(failure.seconds)
            if failure and failure.status:
                return _error(failure.status, "Something went wrong here", failure.headers)
            if asks and self.token and request.headers.get("authorization") != f"Bearer {self.token}":
                return _error(401, "This method requires an authenticated user")
            with self._lock:
                response: Response = answer(request)
            return self._with_budget(_conditional(request, response))

        return respond

    def _failure(self, path: str) -> Failure | None:
        for failure in self._failures:
            if failure.times > 0 and failure.path in path:
                failure.times -= 1
                return failure
        return None

    def _with_budget(self, response: Response) -> Response:
        if self.budget is not None:
            self.budget = max(0, self.budget - 1)
            response.headers["X-RateLimit-Limit"] = "300"
            response.headers["X-RateLimit-Remaining"] = str(self.budget)
            response.headers["X-RateLimit-Reset"] = iso(datetime.now(UTC) + timedelta(minutes=5))
        return response

    def tag_timeline(self, request: Request) -> Response:
        query = request.query_params
        wanted = {request.path_params["tag"].lower(), *query.getlist("any[]")}
        every, never = set(query.getlist("all[]")), set(query.getlist("none[]"))

        def belongs(status: dict[str, Any]) -> bool:
            tags = {tag["name"].lower() for tag in status["tags"]}
            pictures = status["media_attachments"] or "only_media" not in query
            return bool(pictures and tags & wanted and every <= tags and not tags & never) and not status["reblog"]

        return self._timeline(request, filter(belongs, self._statuses.values()), visible=("public",))

    def _public_timeline(self, request: Request) -> Response:
        return self._timeline(request, self._statuses.values(), visible=("public",))

    def _account_timeline(self, request: Request) -> Response:
        query = request.query_params

        def belongs(status: dict[str, Any]) -> bool:
            return (
                self._accounts[status["account"]]["id"] == request.path_params["id"]
                and not (status["reblog"] and "exclude_reblogs" in query)
                and not (status["in_reply_to_id"] and "exclude_replies" in query)
                and bool(status["media_attachments"] or "only_media" not in query)
            )

        return self._timeline(request, filter(belongs, self._statuses.values()), visible=OPEN)

    def _timeline(self, request: Request, statuses: Iterable[dict[str, Any]], visible: Sequence[str]) -> Response:
        query = request.query_params
        limit = min(MAX_LIMIT, int(query.get("limit", "20")))
        rows = sorted((row for row in statuses if row["visibility"] in visible), key=lambda row: int(row["id"]))
        above = int(query.get("min_id") or query.get("since_id") or 0)
        below = int(query.get("max_id") or 10**30)
        rows = [row for row in rows if above < int(row["id"]) < below]
        rows = rows[:limit] if query.get("min_id") else rows[-limit:]
        body = [self._shown(row) for row in reversed(rows)]
        return JSONResponse(body, headers=self._links(request, body))

    def _links(self, request: Request, body: list[dict[str, Any]]) -> dict[str, str]:
        if not body:
            return {}
        at = f"{self.url}{request.url.path}"
        return {"Link": f'<{at}?max_id={body[-1]["id"]}>; rel="next", <{at}?min_id={body[0]["id"]}>; rel="prev"'}

    def _lookup(self, request: Request) -> Response:
        name = request.query_params["acct"].removesuffix(f"@{self.host}")
        return JSONResponse(self._accounts[name]) if name in self._accounts else _error(404, "Record not found")

    def _batch(self, request: Request) -> Response:
        if not self.batches:
            return _error(404, "Not Found")
        rows = [self._statuses.get(ref) for ref in request.query_params.getlist("id[]")]
        if len(rows) > 20:
            return _error(422, "Validation failed: too many statuses")
        return JSONResponse([self._shown(row) for row in rows if row and row["visibility"] in OPEN])

    def _status(self, request: Request) -> Response:
        row = self._statuses.get(request.path_params["id"])
        return JSONResponse(self._shown(row)) if row and row["visibility"] in OPEN else _error(404, "Record not found")

    def _object(self, request: Request) -> Response:
        """The post itself, as ActivityPub servers request it under its `uri`."""
        row = self._statuses.get(request.path_params["id"])
        if not row or row["visibility"] not in OPEN:
            return _error(404, "Record not found")
        note = {"@context": "https://www.w3.org/ns/activitystreams", "type": "Note", "id": row["uri"]}
        return JSONResponse({**note, "content": row["content"]}, media_type="application/activity+json")

    def _instance(self, _: Request) -> Response:
        return JSONResponse({"domain": self.host, "title": "A test", "version": "4.5.0", "configuration": {}})

    def _picture(self, request: Request) -> Response:
        return _png(self._pictures.get(request.path_params["name"]))

    def _avatar(self, request: Request) -> Response:
        digest = hashlib.sha256(request.path_params["name"].encode()).hexdigest()
        return _png(draw(120, 120, f"#{digest[:6]}"))

    def _new_status(self, ref: str, by: str) -> dict[str, Any]:
        self.account(by)
        return new_status(self.url, ref, by)

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        reblog = self._statuses.get(row["reblog"]) if row["reblog"] else None
        return {**row, "account": self._accounts[row["account"]], "reblog": self._shown(reblog) if reblog else None}


def _png(body: bytes | None) -> Response:
    return Response(body, media_type="image/png") if body else _error(404, "Not Found")


def _error(status: int, words: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": words}, status_code=status, headers=headers)


def _conditional(request: Request, response: Response) -> Response:
    """Mastodon's weak ETag over the body, and 304 to who has it."""
    if response.status_code != 200:
        return response
    etag = f'W/"{hashlib.md5(bytes(response.body)).hexdigest()}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return response


if __name__ == "__main__":  # a server for trying out: it prints its address and posts once a second until Ctrl-C
    with MastodonServer() as playground:
        print(json.dumps({"url": playground.url, "follow": "#socitm09"}))  # noqa: T201 - the program's output
        for count in range(1, 1_000_000):
            playground.post(f"Post number {count} for #socitm09", tags=["socitm09"])
            time.sleep(1)
