"""Refusals as problem details (RFC 9457), on routes whose replies belong to one person and are never stored."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, Literal

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
    AccountUnconnected,
    AlreadyMember,
    ChallengeEnded,
    ConnectedElsewhere,
    EmailUnverified,
    HasherBusy,
    InvalidDetails,
    InvalidIdentity,
    InvalidLink,
    LastOwner,
    LastWayIn,
    LoginFailed,
    LoginTaken,
    NotWelcome,
    PasskeyRefused,
    PasskeysUnavailable,
    PermissionDenied,
    ProviderUnavailable,
    UnknownSubject,
    WrongPasskey,
    WrongPassword,
)
from aggregator.audit.actor import ActorKind
from aggregator.audit.address import acting_from
from aggregator.audit.tables import Action
from aggregator.intake.candidates import CheckFailed
from aggregator.items.lookup import DecisionError, ItemNotFound
from aggregator.moderation.conflicts import DecidedMeanwhile
from aggregator.moderation.decisions import FinalState
from aggregator.moderation.undo import NotUndoable
from aggregator.sources.credentials import CredentialsError
from aggregator.sources.errors import SourceError
from aggregator.store.errors import Outage
from aggregator.timestamps import to_micros, to_wire
from aggregator.validation import reason
from aggregator.walls.errors import InvalidSetting, SlugTaken, WallError
from connectors.errors import ConnectorError

MEDIA_TYPE: Final = "application/problem+json"
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="desk"'}
"""A 401 must have a challenge (RFC 9110, section 15.5.2); browsers show no dialogue of their own for this one."""
AGAIN: Final = {"Retry-After": "5"}
"""Seconds."""
NO_CREDENTIALS: Final = "Credentials cannot be stored: ask the server's operator to run `backchannel doctor`."
PRIVATE_CLOSE: Final = 4000
"""A refused WebSocket is closed with this and the HTTP status, such as 4401."""
KNOWN: Final[Mapping[type[Exception], tuple[int, str]]] = {
    LoginFailed: (401, "login_failed"),
    PasskeyRefused: (401, "passkey_refused"),
    WrongPassword: (403, "wrong_password"),
    WrongPasskey: (403, "wrong_passkey"),
    InvalidIdentity: (403, "organisation_invalid"),
    NotWelcome: (403, "organisation_not_welcome"),
    EmailUnverified: (403, "organisation_email"),
    PermissionDenied: (403, "permission_denied"),
    UnknownSubject: (404, "not_found"),
    InvalidLink: (404, "invalid_link"),
    WallError: (404, "not_found"),
    ItemNotFound: (404, "not_found"),
    AccountUnconnected: (409, "identity_unconnected"),
    ConnectedElsewhere: (409, "identity_connected"),
    ChallengeEnded: (409, "challenge_ended"),
    PasskeysUnavailable: (409, "passkeys_unavailable"),
    LastWayIn: (409, "last_way_in"),
    AlreadyMember: (409, "already_member"),
    LastOwner: (409, "last_owner"),
    LoginTaken: (409, "login_taken"),
    SlugTaken: (409, "slug_taken"),
    DecidedMeanwhile: (409, "decided_meanwhile"),
    FinalState: (409, "final_state"),
    NotUndoable: (409, "not_undoable"),
    InvalidDetails: (422, "invalid"),
    DecisionError: (422, "invalid"),
    InvalidSetting: (422, "invalid"),
    SourceError: (422, "invalid"),
    CheckFailed: (422, "check_failed"),
    ConnectorError: (422, "invalid"),
    CredentialsError: (503, "no_credentials"),
    ProviderUnavailable: (503, "organisation_unavailable"),
    HasherBusy: (503, "busy"),
}
"""The status and the code of each error of the domain."""
EXPECTED: Final = (
    AccountError,
    ConnectorError,
    CredentialsError,
    DecisionError,
    HTTPException,
    Outage,
    RequestValidationError,
    SourceError,
    WallError,
)


class ProblemDetails(BaseModel):
    """A refusal (RFC 9457)."""

    title: str = Field(description="The status in words.", examples=["Forbidden"])
    status: int = Field(description="The HTTP status.", examples=[403])
    detail: str = Field(description="One sentence: what went wrong and what to do.")
    code: str = Field(description="The kind of problem, for programs.", examples=["permission_denied"])
    field: str | None = Field(None, description="The setting, option or credential that is not valid, if any.")


class Somebody(BaseModel):
    """Who has acted."""

    kind: ActorKind = Field(description="`person`, `cli`, `origin`, `author`, `rule` or `source`.", examples=["person"])
    name: str = Field(description="A login, or empty.", examples=["kim@conference.example"])


class DecidedMeanwhileDetails(ProblemDetails):
    """The refusal of a decision about a post that somebody has changed since it was seen."""

    code: Literal["decided_meanwhile"] = Field("decided_meanwhile", description="The kind of problem, for programs.")
    who: Somebody = Field(description="Who has changed it.")
    what: Action = Field(description="What was done; `edit` is an edit by the author.", examples=["hide"])
    when: datetime | None = Field(description="Null for an edit without a date.")
    version: int = Field(description="The version of the post now.", examples=[7])


class Refusal(Exception):
    """A request that is refused with this status, and this code for programs; `more` are further members."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.more = status, code, detail, dict(more or {})
        self.headers = {**(headers or {}), **(CHALLENGE if status == HTTPStatus.UNAUTHORIZED else {})}

    @property
    def problem(self) -> dict[str, Any]:
        """Its problem details."""
        title = HTTPStatus(self.status).phrase
        return {"title": title, "status": self.status, "detail": self.detail, "code": self.code, **self.more}

    def reply(self) -> Response:
        """Return the reply with its problem details."""
        return JSONResponse(self.problem, self.status, {"Cache-Control": "no-store", **self.headers}, MEDIA_TYPE)


class PrivateRoute(APIRoute):
    """A route whose replies are never stored, and whose errors are problem details."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                with acting_from(request.client.host if request.client else ""):
                    reply = await handle(request)
            except (*EXPECTED, Refusal) as error:
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
    kind = ConnectorError if isinstance(error, ConnectorError) else type(error)
    if kind not in KNOWN:
        raise error
    status, code = KNOWN[kind]
    if isinstance(error, CredentialsError):  # which names paths, and commands that an organiser cannot run
        return Refusal(status, code, NO_CREDENTIALS)
    more = _more(error)
    return Refusal(status, code, str(error), AGAIN if status == HTTPStatus.SERVICE_UNAVAILABLE else None, more)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return a route's `responses`: the problem details of these statuses, and of those that every route has."""
    content = {MEDIA_TYPE: {"schema": ProblemDetails.model_json_schema()}}
    return {status: {"description": MEANINGS[status], "content": content} for status in sorted({*statuses, 422, 503})}


def conflicts(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that decides about a post, which may have changed since it was seen."""
    names = (DecidedMeanwhileDetails, ProblemDetails)
    schema = {"anyOf": [{"$ref": f"#/components/schemas/{each.__name__}"} for each in names]}
    return refusals(*statuses) | {409: {"description": MEANINGS[409], "content": {MEDIA_TYPE: {"schema": schema}}}}


MEANINGS: Final = {
    401: "Nobody is signed in.",
    403: "Not permitted: see `code`.",
    404: "Not found: see `code`.",
    409: "Not possible now: see `code`.",
    413: "The file is too large.",
    415: "Not a supported format.",
    422: "A value is not valid.",
    429: "Too many attempts: wait as `Retry-After` says.",
    503: "Temporarily unavailable: try again after `Retry-After`.",
}


def _more(error: Exception) -> dict[str, Any] | None:
    """What programs learn besides: who was quicker, or which setting, option or credential is not valid."""
    if isinstance(error, DecidedMeanwhile):
        return _meanwhile(error)
    if isinstance(error, InvalidSetting):
        return {"field": error.setting}
    return {"field": error.field} if isinstance(error, SourceError) and error.field else None


def _meanwhile(error: DecidedMeanwhile) -> dict[str, Any]:
    at = None if error.at is None else to_wire(to_micros(error.at))
    who = {"kind": error.actor.kind, "name": error.actor.name}
    return {"who": who, "what": error.action, "when": at, "version": error.version}


def _sentence(detail: Any) -> str:
    if detail["type"] == "json_invalid":
        return "The body is not valid JSON."
    return f"`{detail['loc'][-1]}`: {reason(detail)}."
