"""`/api/session/ways`: by what one can sign in here."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from aggregator.accounts.errors import PasskeysUnavailable
from web.auth.context import auth_of
from web.auth.signed_in import CrossSiteRefused
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["accounts"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

ONLY: Final = "Here one signs in through {} alone."


class PasskeyUse(BaseModel):
    """Whether passkeys can be used here."""

    origin: str | None = Field(
        description="Where they are made and used; null if nowhere.", examples=["https://wall.example.org"]
    )
    reason: str = Field(description="Why they cannot be used; empty if they can.")


class Ways(BaseModel):
    """By what one can sign in."""

    passwords: bool = Field(description="Whether passwords can be used.")
    passkeys: PasskeyUse
    organisation: str | None = Field(
        description="The organisation through whose provider its people sign in; null if there is none.",
        examples=["Harbour City Council"],
    )


@router.head("/api/session/ways", include_in_schema=False)
@router.get("/api/session/ways", summary="Tell how one can log in", responses=refusals())
async def ways(request: Request) -> Ways:
    """They are the same for everybody."""
    auth = auth_of(request)
    organisation = auth.organisation
    name = organisation.name if organisation is not None else None
    if organisation is not None and organisation.is_only_way:
        return Ways(passwords=False, passkeys=PasskeyUse(origin=None, reason=ONLY.format(name)), organisation=name)
    try:
        passkeys = PasskeyUse(origin=auth.relying_party(request).origin, reason="")
    except PasskeysUnavailable as unavailable:
        passkeys = PasskeyUse(origin=None, reason=str(unavailable))
    return Ways(passwords=True, passkeys=passkeys, organisation=name)
