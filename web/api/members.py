"""`/api/walls/{slug}/members`: who works on a wall, and with which role."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from aggregator.accounts.members import list_members, remove_member, set_role
from aggregator.accounts.roles import Permission, Role
from web.api.bodies import AccountId, Body
from web.api.me import Person, person
from web.auth.context import auth_of
from web.auth.signed_in import Access, Confirmed, CrossSiteRefused, OnWall, require
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["members"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

ByMembers = Annotated[Access, Depends(require(Permission.MEMBERS))]


class Member(BaseModel):
    """An account with its role on the wall."""

    account: Person
    role: Role
    joined_at: datetime


class Members(BaseModel):
    """The members of a wall, in the order in which they joined."""

    members: list[Member]


class NewRole(Body):
    """The role that a member gets."""

    role: Role


@router.head("/api/walls/{slug}/members", include_in_schema=False)
@router.get("/api/walls/{slug}/members", summary="List the members", responses=refusals(401, 403, 404))
async def list_all(access: ByMembers, request: Request) -> Members:
    async with auth_of(request).store.read() as db:
        found = await list_members(db, access.wall)
    return Members(
        members=[Member(account=person(each), role=member.role, joined_at=member.joined_at) for member, each in found]
    )


@router.put(
    "/api/walls/{slug}/members/{account}",
    summary="Change a member's role",
    status_code=204,
    responses=refusals(401, 403, 404, 409),
)
async def change(account: AccountId, body: NewRole, access: ByMembers, _confirmed: Confirmed, request: Request) -> None:
    """Owners are made and unmade by owners alone, and the last one stays."""
    auth = auth_of(request)
    async with auth.store.write() as db:
        await set_role(db, access.wall, account, body.role, by=access.principal, at=auth.clock())


@router.delete(
    "/api/walls/{slug}/members/{account}",
    summary="Remove a member",
    status_code=204,
    responses=refusals(401, 403, 404, 409),
)
async def remove(account: AccountId, access: OnWall, request: Request) -> None:
    """Remove a member, or leave the wall yourself. Open invitations that the member has made are taken back."""
    auth = auth_of(request)
    async with auth.store.write() as db:
        await remove_member(db, access.wall, account, by=access.principal, at=auth.clock())
