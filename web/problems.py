"""Refusals as problem details (RFC 9457), on routes whose replies belong to one person and are never stored."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from aggregator.accounts.errors import (
    AccountError,
    AlreadyMember,
    HasherBusy,
    InvalidDetails,
    InvalidLink,
    LastOwner,
    LoginFailed,
    LoginTaken,
    PermissionDenied,
    UnknownSubject,
    WrongPassword,
)
from aggregator.store.errors import Outage
from aggregator.validation import reason
from aggregator.walls.errors import WallError

MEDIA_TYPE: Final = "application/problem+json"
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="desk"'}
"""A 401 must have a challenge (RFC 9110, section 15.5.2); browsers show no dialogue of their own for this one."""
AGAIN: Final = {"Retry-After": "5"}
"""Seconds."""
PRIVATE_CLOSE: Final = 4000
"""A refused WebSocket is closed with this and the HTTP status, such as 4401."""
KNOWN: Final[Mapping[type[Exception], tuple[int, str]]] = {
    LoginFailed: (401, "login_failed"),
    WrongPassword: (403, "wrong_password"),
    PermissionDenied: (403, "permission_denied"),
    UnknownSubject: (404, "not_found"),
    InvalidLink: (404, "invalid_link"),
    WallError: (404, "not_found"),
    AlreadyMember: (409, "already_member"),
    LastOwner: (409, "last_owner"),
    LoginTaken: (409, "login_taken"),
    InvalidDetails: (422, "invalid"),
    HasherBusy: (503, "busy"),
}
"""The status and the code of each error of the domain."""


class ProblemDetails(BaseModel):
    """A refusal (RFC 9457)."""

    title: str = Field(description="The status in words.", examples=["Forbidden"])
    status: int = Field(description="The HTTP status.", examples=[403])
    detail: str = Field(description="One sentence: what went wrong and what to do.")
    code: str = Field(description="The kind of problem, for programs.", examples=["permission_denied"])


class Refusal(Exception):
    """A request that is refused with this status, and this code for programs."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers = {**(headers or {}), **(CHALLENGE if status == HTTPStatus.UNAUTHORIZED else {})}

    def reply(self) -> Response:
        """Return the reply with its problem details."""
        title = HTTPStatus(self.status).phrase
        body = {"title": title, "status": self.status, "detail": self.detail, "code": self.code}
        return JSONResponse(body, self.status, {"Cache-Control": "no-store", **self.headers}, MEDIA_TYPE)


class PrivateRoute(APIRoute):
    """A route whose replies are never stored, and whose errors are problem details."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                reply = await handle(request)
            except (AccountError, HTTPException, Outage, RequestValidationError, Refusal, WallError) as error:
                reply = refusal_for(error).reply()
            reply.headers["Cache-Control"] = "no-store"
            return reply

        return answer


def install(app: FastAPI) -> None:
    """Let a WebSocket that is refused be accepted and closed with a code, from which a page learns why.

    Only a handshake from another site is refused at once.
    """

    @app.exception_handler(Refusal)
    async def refused(connection: HTTPConnection, refusal: Refusal) -> Response | None:
        if not isinstance(connection, WebSocket):
            return refusal.reply()
        if refusal.code != "cross_site":
            await connection.accept()
        await connection.close(PRIVATE_CLOSE + refusal.status, refusal.code)
        return None


def refusal_for(error: Exception) -> Refusal:
    """Return the refusal that tells of this error. Unknown errors are raised again."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Outage):  # which names paths and hosts
        return Refusal(503, "unavailable", "Database unavailable: try again in a few seconds.", AGAIN)
    if isinstance(error, RequestValidationError):
        return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", " ".join(map(_sentence, error.errors())))
    if isinstance(error, HTTPException):
        return Refusal(error.status_code, "invalid", str(error.detail), error.headers)
    if type(error) not in KNOWN:
        raise error
    status, code = KNOWN[type(error)]
    return Refusal(status, code, str(error), AGAIN if status == HTTPStatus.SERVICE_UNAVAILABLE else None)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return a route's `responses`: the problem details of these statuses, and of those that every route has."""
    content = {MEDIA_TYPE: {"schema": ProblemDetails.model_json_schema()}}
    return {status: {"description": MEANINGS[status], "content": content} for status in sorted({*statuses, 422, 503})}


MEANINGS: Final = {
    401: "Nobody is signed in.",
    403: "Not permitted: see `code`.",
    404: "Not found: see `code`.",
    409: "Not possible now: see `code`.",
    422: "A value is not valid.",
    429: "Too many attempts: wait as `Retry-After` says.",
    503: "Temporarily unavailable: try again after `Retry-After`.",
}


def _sentence(detail: Any) -> str:
    if detail["type"] == "json_invalid":
        return "The body is not valid JSON."
    return f"`{detail['loc'][-1]}`: {reason(detail)}."
