"""`/api/walls/{slug}/invitations` and `/api/invitations`: invite people to a wall's desk, and join it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from aggregator.accounts.access import Principal
from aggregator.accounts.invitations import find_invitation, invite, list_invitations, take_back
from aggregator.accounts.joining import join, join_as_new
from aggregator.accounts.roles import Permission, Role
from web.api.bodies import SECRET, Body, Login, Name, Password, PublicId, Secret, fields
from web.api.me import Me, read_me
from web.api.passkey_shapes import CreatedCredential
from web.api.session import begin
from web.api.setup import first_passkey
from web.auth.context import address_of, auth_of, user_agent_of
from web.auth.limited import limited
from web.auth.own_ways import refuse_if_organisation_only
from web.auth.signed_in import Access, CrossSiteRefused, maybe_signed_in, require
from web.problems import PrivateRoute, Refusal, refusals

router = APIRouter(tags=["members"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

ByMembers = Annotated[Access, Depends(require(Permission.MEMBERS))]
PAGE = "/desk/invitation#"


class Offer(Body):
    """The role that an invitation gives."""

    role: Role


class OpenInvitation(BaseModel):
    """An invitation that can be used."""

    id: str
    role: Role
    made_by: str | None = Field(description="A login; null for the command line.", examples=["kim@conference.example"])
    created_at: datetime
    expires_at: datetime


class OpenInvitations(BaseModel):
    """The open invitations to a wall, the newest first."""

    invitations: list[OpenInvitation]


class FreshInvitation(OpenInvitation):
    """An invitation that was just made. Its link is shown this once."""

    url: str = Field(
        description="The link to give to one person; relative if the server has no public URL.",
        examples=[f"https://wall.example.org{PAGE}{SECRET}"],
    )


class InvitationSecret(Body):
    """The part of an invitation's link after its `#`."""

    token: Secret


class Acceptance(InvitationSecret):
    """An invitation; for those who are not signed in, with their new account."""

    login: Login = ""
    name: Name = ""
    password: Password = ""
    passkey: CreatedCredential | None = Field(default=None, description="Instead of a password.")


class InvitedTo(BaseModel):
    """Where an invitation leads."""

    slug: str = Field(examples=["harbour26"])
    name: str = Field(description="The wall's name.", examples=["Harbour 26"])
    role: Role
    expires_at: datetime


@router.head("/api/walls/{slug}/invitations", include_in_schema=False)
@router.get("/api/walls/{slug}/invitations", summary="List open invitations", responses=refusals(401, 403, 404))
async def list_open(access: ByMembers, request: Request) -> OpenInvitations:
    auth = auth_of(request)
    async with auth.store.read() as db:
        found = await list_invitations(db, access.wall, auth.clock())
    rows = [fields(each, OpenInvitation) | {"made_by": by} for each, by in found]
    return OpenInvitations(invitations=[OpenInvitation.model_validate(row) for row in rows])


@router.post(
    "/api/walls/{slug}/invitations", summary="Invite to a wall", status_code=201, responses=refusals(401, 403, 404)
)
async def make(body: Offer, access: ByMembers, request: Request) -> FreshInvitation:
    """Make a link that one person can use within a week."""
    auth = auth_of(request)
    async with auth.store.write() as db:
        made, token = await invite(db, access.wall, body.role, by=access.principal, at=auth.clock())
    url, by = f"{auth.public_url}{PAGE}{token}", access.principal.account.login
    return FreshInvitation.model_validate(fields(made, OpenInvitation) | {"made_by": by, "url": url})


@router.delete(
    "/api/walls/{slug}/invitations/{invitation}",
    summary="Take an invitation back",
    status_code=204,
    responses=refusals(401, 403, 404),
)
async def withdraw(invitation: PublicId, access: ByMembers, request: Request) -> None:
    auth = auth_of(request)
    async with auth.store.write() as db:
        await take_back(db, access.wall, invitation, by=access.principal, at=auth.clock())


@router.post("/api/invitations/check", summary="Tell where an invitation leads", responses=refusals(403, 404, 429))
async def check(body: InvitationSecret, request: Request) -> InvitedTo:
    """The invitation is not used up."""
    auth = auth_of(request)
    with limited():
        auth.attempts.link(address_of(request))
    async with auth.store.read() as db:
        invitation, wall = await find_invitation(db, body.token, auth.clock())
    return InvitedTo(slug=wall.slug, name=wall.name, role=invitation.role, expires_at=invitation.expires_at)


@router.post("/api/invitations/accept", summary="Accept an invitation", responses=refusals(401, 403, 404, 409, 429))
async def accept(
    body: Acceptance,
    principal: Annotated[Principal | None, Depends(maybe_signed_in)],
    request: Request,
    response: Response,
) -> Me:
    """Join the wall with the account that is signed in, else with a new one, which is then signed in."""
    auth = auth_of(request)
    if principal is not None and principal.session is None:
        raise Refusal(403, "session_only", "Not permitted with an API token: log in to the desk.")
    with limited():
        auth.attempts.link(address_of(request))
    if principal is not None:
        async with auth.store.write() as db:
            await join(db, body.token, principal, auth.clock())
            return await read_me(db, principal, auth.clock())
    await refuse_if_organisation_only(request)
    new = await join_as_new(
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
