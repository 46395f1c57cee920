"""The request log: each request has an id, in its log lines and its reply."""

from __future__ import annotations

import re
import time
from secrets import token_hex

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "X-Request-ID"
USABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SWITCHED, CLIENT_ERROR, REFUSED, SERVER_ERROR = 101, 400, 403, 500

log = structlog.get_logger()


def install(app: FastAPI) -> None:
    app.add_middleware(RequestLog)


class RequestLog:
    """Middleware that gives each request an id (the client's own if it is valid), for its log lines and its reply.

    The server runs each request in its own context, so the id isn't removed: lines about a failed request have it too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status = time.perf_counter(), SERVER_ERROR

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] in {"http.response.start", "websocket.accept"}:
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
                status = message.get("status", SWITCHED)
            elif message["type"] == "websocket.close" and status == SERVER_ERROR:
                status = REFUSED
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            _log(scope, status, time.perf_counter() - started)


def _request_id(headers: Headers) -> str:
    offered = headers.get(REQUEST_ID, "")
    return offered if USABLE_ID.fullmatch(offered) else token_hex(8)


def _log(scope: Scope, status: int, seconds: float) -> None:
    """Log one request. Successful ones are logged at debug level: a hall full of phones makes many."""
    tell = log.debug if status < CLIENT_ERROR else log.info if status < SERVER_ERROR else log.error
    method = scope.get("method", "WEBSOCKET")
    tell("request", method=method, path=scope["path"], status=status, ms=round(seconds * 1000, 1))
