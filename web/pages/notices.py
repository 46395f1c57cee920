"""Error pages (not found, unavailable, not built), and the style of plain pages. API clients get JSON."""

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

from aggregator.channel.publish import NoChannel
from aggregator.store.errors import Outage
from aggregator.validation import reason
from web.pages.build import Build
from web.pages.document import plain_document
from web.pages.headers import EVERYWHERE, policy

STYLE = (Path(__file__).parent / "plain.css").read_text(encoding="utf-8")
NOT_FOUND = 404
STREAM = "/live"
"""The end of the one path without HEAD: a stream has no length."""
PASSING = 500
"""From this status on, the error is the server's and may be temporary."""

MARK = """\
<p class="mark"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 3h10a3 3 0 0 1 3 3v4a3 3 0 0 1-3 3H9l-5 4z"/>\
<path d="M19 8a3 3 0 0 1 2 2.8V21l-4-3h-5a3 3 0 0 1-2.8-2H14a5 5 0 0 0 5-5z" opacity=".55"/></svg>Backchannel</p>"""
"""The product's name, in every plain page."""

FAILED = "Something went wrong here."
FAILED_MORE = "The error has been logged. Please try again."


SENTENCES = {"Not Found": "There is nothing at this address.", "Method Not Allowed": "Method not allowed here."}
"""What the framework says without our words."""

UNAVAILABLE = "This wall is temporarily unavailable."
UNAVAILABLE_MORE = "Open pages keep their posts. This page tries again automatically."
UNAVAILABLE_DETAIL = "Database unavailable: try again in a few seconds."
AGAIN_IN = "5"
"""Seconds, as the headers want it."""
TRY_AGAIN_LATER = 1013
"""A WebSocket close code (IANA registry)."""


def notice(
    title: str, more: str, status: int, build: Build | None = None, *, asked: HTTPConnection | None = None
) -> HTMLResponse:
    """A page of one sentence, one explanation and links. `title` and `more` are plain text.

    If it was `asked` for a big screen, it is dark and large, as a wall would be there.
    """
    in_hall = asked is not None and "screen" in asked.query_params
    again = '<a href="">Try again</a>\n' if status >= PASSING else ""
    body = (
        f'<main class="notice{" in-hall" if in_hall else ""}">{MARK}\n<h1>{escape(title)}</h1>\n<p>{escape(more)}</p>\n'
        f'<p class="ways">{again}<a href="/">See the walls of this server</a></p></main>'
    )
    return HTMLResponse(plain_document(f"{title} · Backchannel", body, STYLE, build, dark=in_hall), status)


def install(app: FastAPI, build: Build | None) -> None:
    """Install the error handlers: pages for people, JSON for programs."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        words = SENTENCES.get(str(error.detail), str(error.detail))
        if error.status_code == NOT_FOUND and _wants_page(request):
            more = "The address may be mistyped, or the page has been removed."
            reply: Response = notice(words, more, NOT_FOUND, build, asked=request)
        else:
            reply = await http_exception_handler(request, HTTPException(error.status_code, words, error.headers))
        reply.headers.setdefault("Cache-Control", "no-store")  # a wall may be created the next moment
        if reply.headers.get("Allow") == "GET" and not request.url.path.endswith(STREAM):
            reply.headers["Allow"] = "GET, HEAD"  # HEAD is a separate route there, which the router leaves out
        return reply

    @app.exception_handler(NoChannel)
    async def no_wall(request: Request, _: NoChannel) -> Response:
        return await refused(request, HTTPException(NOT_FOUND, f"There is no wall “{request.path_params['slug']}”."))

    @app.exception_handler(RequestValidationError)
    async def senseless(_: Request, error: RequestValidationError) -> Response:
        sentences = (f"`{each['loc'][-1]}`: {reason(each)}." for each in error.errors())
        return JSONResponse({"detail": " ".join(sentences)}, 422, {"Cache-Control": "no-store"})

    @app.exception_handler(Outage)
    async def unavailable(connection: HTTPConnection, _: Outage) -> Response | None:
        if isinstance(connection, WebSocket):
            await _close(connection)
            return None
        reply: Response = JSONResponse({"detail": UNAVAILABLE_DETAIL}, 503)
        if _wants_page(connection):
            reply = notice(UNAVAILABLE, UNAVAILABLE_MORE, 503, build, asked=connection)
            reply.headers["Refresh"] = AGAIN_IN
        reply.headers.update({"Retry-After": AGAIN_IN, "Cache-Control": "no-store"})
        return reply

    @app.exception_handler(Exception)
    async def failed(request: Request, _: Exception) -> Response:
        """The reply to an unexpected error. Starlette then re-raises the error for the log."""
        reply = (
            notice(FAILED, FAILED_MORE, 500, build, asked=request)
            if _wants_page(request)
            else JSONResponse({"detail": FAILED}, 500)
        )
        reply.headers.update({**EVERYWHERE, "Content-Security-Policy": policy(styles=[STYLE])})
        return reply


def not_built() -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/w/{slug}", methods=["GET", "HEAD"])
    async def wall() -> Response:
        return notice(
            "This wall can't be shown yet.",
            "Its web assets are not built: run make install, then restart the server.",
            503,
        )

    return routes


async def _close(websocket: WebSocket) -> None:
    """Accept, then close with a code: a page takes a refused handshake for a network that blocks WebSockets."""
    if websocket.application_state == WebSocketState.CONNECTING:
        await websocket.accept()
    await websocket.close(TRY_AGAIN_LATER, UNAVAILABLE_DETAIL)


def _wants_page(request: HTTPConnection) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
