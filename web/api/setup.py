"""`/api/setup`: the first account, or a new password, by a one-time link of the server's operator."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from aggregator.accounts.setup_links import read_link, use_link
from web.api.bodies import Body, Login, Name, Password, Secret
from web.api.me import Me, Person, person
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

    password: Password
    login: Login = Field(default="", description="For the first account; ignored for a new password.")
    name: Name = Field(default="", description="For the first account; ignored for a new password.")


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
        user_agent=user_agent_of(request),
        at=auth.clock(),
    )
    return await begin(request, response, new)
