"""The log of requests: each has an id, which its log lines and its reply carry."""

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
    """Gives each request an id (the caller's own, where it sent a sensible one) that its log lines and its reply carry.

    The server runs each request in a context of its own, so that the id need not be taken off again: whatever the
    server logs about a request that failed carries it too.
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
            _tell(scope, status, time.perf_counter() - started)


def _request_id(headers: Headers) -> str:
    offered = headers.get(REQUEST_ID, "")
    return offered if USABLE_ID.fullmatch(offered) else token_hex(8)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    """Requests that went well are worth a line only to those who look for one: a hall full of phones makes many."""
    tell = log.debug if status < CLIENT_ERROR else log.info if status < SERVER_ERROR else log.error
    method = scope.get("method", "WEBSOCKET")
    tell("request", method=method, path=scope["path"], status=status, ms=round(seconds * 1000, 1))
