"""Pages that say something in a few words: nothing here, not now, not built yet. And the look of plain pages.

It refuses to know walls. Programs that ask for JSON get JSON.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketState

from aggregator.store.errors import Outage
from aggregator.validation import reason
from web.pages.build import Build
from web.pages.document import plain_document
from web.pages.headers import EVERYWHERE, policy

STYLE = (Path(__file__).parent / "plain.css").read_text(encoding="utf-8")
NOT_FOUND = 404
STREAM = "/live"
"""The end of the one path that answers no HEAD: a stream has no length, and no end."""
PASSING = 500
"""From this status on the fault is ours and may be gone in a moment."""

MARK = """\
<p class="mark"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 3h10a3 3 0 0 1 3 3v4a3 3 0 0 1-3 3H9l-5 4z"/>\
<path d="M19 8a3 3 0 0 1 2 2.8V21l-4-3h-5a3 3 0 0 1-2.8-2H14a5 5 0 0 0 5-5z" opacity=".55"/></svg>Backchannel</p>"""
"""Our name, as it stands at the head of every plain page."""

FAILED = "Something went wrong here."
FAILED_MORE = "The log of this server tells what it was. The walls are not touched by it; try again in a moment."


AWAY = "The wall cannot be read at the moment."
AWAY_MORE = "Its database does not answer. What is on open pages stays there; this page tries again by itself."
AWAY_DETAIL = "The database does not answer at the moment: try again in a few seconds."
AGAIN_IN = "5"
"""Seconds, as the headers want it."""
TRY_AGAIN_LATER = 1013
"""A WebSocket's close code (IANA's registry)."""


def notice(title: str, more: str, status: int, build: Build | None = None) -> HTMLResponse:
    """A page of one sentence, one explanation and the ways on, home at least. Both are plain text."""
    again = '<a href="">Try again</a>\n' if status >= PASSING else ""
    body = (
        f'<main class="notice">{MARK}\n<h1>{escape(title)}</h1>\n<p>{escape(more)}</p>\n'
        f'<p class="ways">{again}<a href="/">See the walls of this server</a></p></main>'
    )
    return HTMLResponse(plain_document(f"{title} · Backchannel", body, STYLE, build), status)


def install(app: FastAPI, build: Build | None) -> None:
    """Say it in our words where a person asked, and leave programs their JSON."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code != NOT_FOUND or not _wants_page(request):
            reply = await http_exception_handler(request, error)
        else:
            words = "There is nothing at this address." if error.detail == "Not Found" else str(error.detail)
            more = "The address may be mistyped, or what was here has been taken away."
            reply = notice(words, more, NOT_FOUND, build)
        reply.headers.setdefault("Cache-Control", "no-store")  # a wall may be made the next moment
        if reply.headers.get("Allow") == "GET" and not request.url.path.endswith(STREAM):
            reply.headers["Allow"] = "GET, HEAD"  # HEAD is a route of its own there, which the router leaves out
        return reply

    @app.exception_handler(RequestValidationError)
    async def senseless(_: Request, error: RequestValidationError) -> Response:
        sentences = (f"`{each['loc'][-1]}`: {reason(each)}." for each in error.errors())
        return JSONResponse({"detail": " ".join(sentences)}, 422, {"Cache-Control": "no-store"})

    @app.exception_handler(Outage)
    async def away(connection: HTTPConnection, _: Outage) -> Response | None:
        if isinstance(connection, WebSocket):
            await _send_away(connection)
            return None
        reply: Response = JSONResponse({"detail": AWAY_DETAIL}, 503)
        if _wants_page(connection):
            reply = notice(AWAY, AWAY_MORE, 503, build)
            reply.headers["Refresh"] = AGAIN_IN
        reply.headers.update({"Retry-After": AGAIN_IN, "Cache-Control": "no-store"})
        return reply

    @app.exception_handler(Exception)
    async def failed(request: Request, _: Exception) -> Response:
        """Starlette sends this from outside all middleware, and then raises the error again for the log."""
        reply = (
            notice(FAILED, FAILED_MORE, 500, build) if _wants_page(request) else JSONResponse({"detail": FAILED}, 500)
        )
        reply.headers.update({**EVERYWHERE, "Content-Security-Policy": policy(styles=[STYLE])})
        return reply


def not_built() -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/w/{slug}", methods=["GET", "HEAD"])
    async def wall() -> Response:
        return notice(
            "The wall cannot be shown yet.",
            "Its browser side has not been built: run make install, then start again.",
            503,
        )

    return routes


async def _send_away(websocket: WebSocket) -> None:
    """With a close code: where the handshake is refused, a page believes that its network blocks WebSockets."""
    if websocket.application_state == WebSocketState.CONNECTING:
        await websocket.accept()
    await websocket.close(TRY_AGAIN_LATER, AWAY_DETAIL)


def _wants_page(request: HTTPConnection) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
