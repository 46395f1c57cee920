"""`/api/session`: log in, who am I, log out, and confirm the password."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from aggregator.accounts.access import Principal
from aggregator.accounts.passwords import confirm, log_in
from aggregator.accounts.sessions import NewSession, known_device
from aggregator.accounts.sessions import log_out as end_by_token
from web.api.bodies import Body, Login, Password
from web.api.me import Me, read_me
from web.auth.context import address_of, auth_of, user_agent_of
from web.auth.limited import limited
from web.auth.own_ways import OwnWays
from web.auth.signed_in import CrossSiteRefused, InSession, SignedIn
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["accounts"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])


class Credentials(Body):
    """A login with its password."""

    login: Login
    password: Password


class TypedPassword(Body):
    """The password of the account that is signed in."""

    password: Password


@router.post("/api/session", summary="Log in", dependencies=[OwnWays], responses=refusals(401, 403, 429))
async def log_in_by_password(body: Credentials, request: Request, response: Response) -> Me:
    """Set the session cookie. A wrong password and an unknown login have the same reply, after the same time."""
    auth, address, earlier = auth_of(request), address_of(request), auth_of(request).cookie.read(request)
    at = auth.clock()
    async with auth.store.read() as db:
        device = await known_device(db, earlier, body.login, at) if earlier else None
    with limited():
        auth.attempts.log_in(address, body.login, device)
    new = await log_in(
        auth.store, auth.hasher, body.login, body.password, user_agent=user_agent_of(request), earlier=earlier, at=at
    )
    auth.attempts.logged_in(address, body.login, device)
    return await begin(request, response, new)


@router.head("/api/session", include_in_schema=False)
@router.get("/api/session", summary="Tell who is signed in", responses=refusals(401))
async def who_am_i(principal: SignedIn, request: Request) -> Me:
    """The account, its walls with its roles, and how long ago the password was typed."""
    auth = auth_of(request)
    async with auth.store.read() as db:
        return await read_me(db, principal, auth.clock())


@router.delete("/api/session", summary="Log out", status_code=204, responses=refusals(403))
async def log_out(request: Request, response: Response) -> None:
    """End this session and clear its cookie. It succeeds where nobody is signed in, too."""
    auth = auth_of(request)
    if token := auth.cookie.read(request):
        async with auth.store.write() as db:
            await end_by_token(db, token)
    auth.cookie.clear(response)


@router.post(
    "/api/session/confirm", summary="Confirm the password", dependencies=[OwnWays], responses=refusals(401, 403, 429)
)
async def confirm_password(body: TypedPassword, principal: InSession, request: Request) -> Me:
    """Type the password again, before an act that answers `confirm_password`."""
    auth, session = auth_of(request), principal.session
    at = auth.clock()
    with limited():
        auth.attempts.password(session.id if session else "")
    await confirm(auth.store, auth.hasher, principal, body.password, at)
    async with auth.store.read() as db:
        return await read_me(db, principal, at)


async def begin(request: Request, response: Response, new: NewSession) -> Me:
    """Give the browser the token of its new session, and tell who is signed in now."""
    auth = auth_of(request)
    auth.cookie.put(response, new.token)
    async with auth.store.read() as db:
        return await read_me(db, Principal(new.account, new.session), auth.clock())
