"""`/api/setup`: the first account, or a new password, by a one-time link of the server's operator."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from aggregator.accounts.authenticators import NewPasskey
from aggregator.accounts.challenges import Purpose
from aggregator.accounts.passkeys import made_passkey, offer_first_passkey
from aggregator.accounts.setup_links import read_link, use_link
from web.api.bodies import Body, Login, Name, Password, Secret
from web.api.me import Me, Person, person
from web.api.passkey_shapes import CreatedCredential, Options
from web.api.session import begin
from web.auth.context import address_of, auth_of, user_agent_of
from web.auth.limited import limited
from web.auth.signed_in import CrossSiteRefused
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["accounts"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])


class LinkSecret(Body):
    """The part of a one-time link after its `#`."""

    token: Secret


class Setup(LinkSecret):
    """A one-time link with what it is used for."""

    password: Password = ""
    login: Login = Field(default="", description="For the first account; ignored for a new password.")
    name: Name = Field(default="", description="For the first account; ignored for a new password.")
    passkey: CreatedCredential | None = Field(default=None, description="For the first account, instead of a password.")


class NewPerson(Body):
    """Somebody whose account is about to be made."""

    login: Login
    name: Name


class LinkPurpose(BaseModel):
    """What a one-time link is for."""

    purpose: Literal["first_account", "new_password"]
    account: Person | None = Field(description="Whose password it sets; null for the first account.")
    expires_at: datetime


@router.post("/api/setup/check", summary="Tell what a one-time link is for", responses=refusals(403, 404, 429))
async def check(body: LinkSecret, request: Request) -> LinkPurpose:
    """The link is not used up."""
    auth = auth_of(request)
    with limited():
        auth.attempts.link(address_of(request))
    async with auth.store.read() as db:
        link = await read_link(db, body.token, auth.clock())
    if link.account is None:
        return LinkPurpose(purpose="first_account", account=None, expires_at=link.expires_at)
    return LinkPurpose(purpose="new_password", account=person(link.account), expires_at=link.expires_at)


@router.post("/api/setup/passkey", summary="Begin to make an account with a passkey", responses=refusals(403, 409, 429))
async def offer(body: NewPerson, request: Request) -> Options:
    """For the first account, and for one that accepts an invitation."""
    auth = auth_of(request)
    party = auth.relying_party(request)
    with limited():
        auth.attempts.link(address_of(request))
    async with auth.store.write() as db:
        return Options(options=await offer_first_passkey(db, party, body.login, body.name, auth.clock()))


@router.post("/api/setup", summary="Use a one-time link", responses=refusals(403, 404, 409, 429))
async def use(body: Setup, request: Request, response: Response) -> Me:
    """Make the first account, or set the new password and end the account's sessions; then sign in here."""
    auth = auth_of(request)
    with limited():
        auth.attempts.link(address_of(request))
    new = await use_link(
        auth.store,
        auth.hasher,
        body.token,
        body.password,
        login=body.login,
        name=body.name,
        passkey=await first_passkey(request, body.passkey),
        user_agent=user_agent_of(request),
        at=auth.clock(),
    )
    return await begin(request, response, new)


async def first_passkey(request: Request, made: CreatedCredential | None) -> NewPasskey | None:
    """Return the passkey of an account that is to be, if a browser has made one. Raises AccountError."""
    if made is None:
        return None
    auth = auth_of(request)
    party = auth.relying_party(request)
    return await made_passkey(auth.store, party, made.model_dump(), Purpose.NEW_ACCOUNT, auth.clock())
