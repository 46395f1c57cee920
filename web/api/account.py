"""`/api/account`: the name, the login and the password of the account that is signed in."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from aggregator.accounts.access import Principal
from aggregator.accounts.details import change_details
from aggregator.accounts.passwords import change_password
from web.api.bodies import Body, Login, Name, Password
from web.api.me import Me, read_me
from web.api.session import begin
from web.auth.context import auth_of, user_agent_of
from web.auth.limited import limited
from web.auth.own_ways import OwnWays
from web.auth.signed_in import CrossSiteRefused, InSession, confirmed
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["accounts"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])


class Details(Body):
    """What is to change."""

    name: Name | None = None
    login: Login | None = None


class PasswordChange(Body):
    """The password as it is, and as it will be."""

    current: Password
    new: Password


@router.patch("/api/account", summary="Change your name or login", responses=refusals(401, 403, 409))
async def change_own(body: Details, principal: InSession, request: Request) -> Me:
    """Another login needs a sign-in that was confirmed lately (`confirm_password`)."""
    auth = auth_of(request)
    if body.login is not None:
        await confirmed(request, principal)
    async with auth.store.write() as db:
        account = await change_details(db, principal, name=body.name, login=body.login)
        return await read_me(db, Principal(account, principal.session), auth.clock())


@router.put(
    "/api/account/password", summary="Change your password", dependencies=[OwnWays], responses=refusals(401, 403, 429)
)
async def change(body: PasswordChange, principal: InSession, request: Request, response: Response) -> Me:
    """End all sessions of the account, and begin a new one here.

    An account without a password leaves `current` empty, and must have confirmed lately (`confirm_password`).
    """
    auth, session = auth_of(request), principal.session
    if principal.account.password_hash is None:
        await confirmed(request, principal)
    with limited():
        auth.attempts.password(session.id if session else "")
    new = await change_password(
        auth.store,
        auth.hasher,
        principal,
        body.current,
        body.new,
        user_agent=user_agent_of(request),
        at=auth.clock(),
    )
    return await begin(request, response, new)
