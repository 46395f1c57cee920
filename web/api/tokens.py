"""`/api/tokens`: API tokens, by which programs act for the account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from aggregator.accounts.api_tokens import MAX_LIFETIME, PREFIX, list_tokens, make_token, revoke_token
from aggregator.accounts.roles import Permission
from web.api.bodies import SECRET, Body, Name, PublicId, fields
from web.auth.context import auth_of
from web.auth.signed_in import Confirmed, CrossSiteRefused, InSession
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["accounts"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])


class NewToken(Body):
    """What a new token is called, what it may do and for how long."""

    name: Annotated[Name, Field(examples=["nightly export"])]
    scopes: list[Permission] = Field(
        min_length=1, max_length=len(Permission), description="It may do these things where the account may do them."
    )
    days: int = Field(ge=1, le=MAX_LIFETIME.days, description="How long it lasts.", examples=[30])


class OwnToken(BaseModel):
    """An API token, without its secret."""

    id: str
    name: str
    scopes: list[Permission]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = Field(description="Its last use, to the minute; null if it was never used.")


class OwnTokens(BaseModel):
    """The account's API tokens, the newest first."""

    tokens: list[OwnToken]


class FreshToken(OwnToken):
    """A token that was just made. Its secret is shown this once."""

    secret: str = Field(description="Send it as `Authorization: Bearer SECRET`.", examples=[f"{PREFIX}{SECRET}"])


@router.head("/api/tokens", include_in_schema=False)
@router.get("/api/tokens", summary="List your API tokens", responses=refusals(401, 403))
async def list_own(principal: InSession, request: Request) -> OwnTokens:
    """Expired tokens are listed until they are revoked."""
    async with auth_of(request).store.read() as db:
        found = await list_tokens(db, principal.account)
    return OwnTokens(tokens=[OwnToken.model_validate(fields(each, OwnToken)) for each in found])


@router.post("/api/tokens", summary="Make an API token", status_code=201, responses=refusals(401, 403))
async def make(body: NewToken, principal: InSession, _confirmed: Confirmed, request: Request) -> FreshToken:
    """It needs a password that was typed lately (`confirm_password`)."""
    auth = auth_of(request)
    async with auth.store.write() as db:
        lifetime, at = timedelta(days=body.days), auth.clock()
        made = await make_token(db, principal, name=body.name, scopes=body.scopes, lifetime=lifetime, at=at)
    return FreshToken.model_validate(fields(made.token, OwnToken) | {"secret": made.secret})


@router.delete("/api/tokens/{token}", summary="Revoke an API token", status_code=204, responses=refusals(401, 403, 404))
async def revoke(token: PublicId, principal: InSession, request: Request) -> None:
    async with auth_of(request).store.write() as db:
        await revoke_token(db, principal, token)
