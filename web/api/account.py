"""`/api/account`: the password of the account that is signed in."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from aggregator.accounts.passwords import change_password
from web.api.bodies import Body, Password
from web.api.me import Me
from web.api.session import begin
from web.auth.context import auth_of, user_agent_of
from web.auth.limited import limited
from web.auth.signed_in import CrossSiteRefused, InSession, confirmed
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["accounts"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])


class PasswordChange(Body):
    """The password as it is, and as it will be."""

    current: Password
    new: Password


@router.put("/api/account/password", summary="Change your password", responses=refusals(401, 403, 429))
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
