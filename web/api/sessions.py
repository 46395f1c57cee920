"""`/api/sessions`: the browsers in which the account is signed in."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from aggregator.accounts.sessions import end_session, list_sessions
from web.api.bodies import PublicId, fields
from web.auth.context import auth_of
from web.auth.signed_in import CrossSiteRefused, InSession
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["accounts"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])


class OwnSession(BaseModel):
    """A browser in which the account is signed in."""

    id: str
    user_agent: str = Field(description="What the browser calls itself.", examples=["Mozilla/5.0 (X11; Linux x86_64)"])
    created_at: datetime
    used_at: datetime = Field(description="Its last use, to the minute.")
    expires_at: datetime
    is_current: bool = Field(description="Whether it is this one.")


class OwnSessions(BaseModel):
    """The account's sessions, the last used first."""

    sessions: list[OwnSession]


@router.head("/api/sessions", include_in_schema=False)
@router.get("/api/sessions", summary="List your sessions", responses=refusals(401, 403))
async def list_own(principal: InSession, request: Request) -> OwnSessions:
    auth = auth_of(request)
    async with auth.store.read() as db:
        found = await list_sessions(db, principal.account, auth.clock())
    current = principal.session.id if principal.session else ""
    rows = [fields(each, OwnSession) | {"is_current": each.id == current} for each in found]
    return OwnSessions(sessions=[OwnSession.model_validate(row) for row in rows])


@router.delete("/api/sessions/{session}", summary="End a session", status_code=204, responses=refusals(401, 403, 404))
async def end_own(session: PublicId, principal: InSession, request: Request) -> None:
    """Log another browser out. It is told with its next request."""
    async with auth_of(request).store.write() as db:
        await end_session(db, principal, session)
