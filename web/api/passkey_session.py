"""`/api/session/passkey`: sign in by a passkey, and confirm by one that it is the same person."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from aggregator.accounts.passkey_log_in import ask_for_passkey, confirm_by_passkey, log_in_by_passkey
from web.api.bodies import Body
from web.api.me import Me, read_me
from web.api.passkey_shapes import Options, UsedCredential
from web.api.session import begin
from web.auth.context import auth_of, user_agent_of
from web.auth.limited import limited
from web.auth.own_ways import OwnWays
from web.auth.signed_in import CrossSiteRefused, InSession
from web.auth.steps import count_step
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["accounts"], route_class=PrivateRoute, dependencies=[CrossSiteRefused, OwnWays])


class UsedPasskey(Body):
    """A passkey that a browser has just used."""

    credential: UsedCredential


@router.post("/api/session/passkey/options", summary="Begin to use a passkey", responses=refusals(403, 409, 429))
async def ask(request: Request) -> Options:
    """They are the same for everybody: the browser offers the passkeys that it has for this server."""
    auth = auth_of(request)
    party = auth.relying_party(request)
    await count_step(request)
    async with auth.store.write() as db:
        return Options(options=await ask_for_passkey(db, party, auth.clock()))


@router.post("/api/session/passkey", summary="Log in by a passkey", responses=refusals(401, 403, 409, 429))
async def log_in(body: UsedPasskey, request: Request, response: Response) -> Me:
    """Set the session cookie. Whatever is wrong with a passkey, the reply is the same."""
    auth = auth_of(request)
    party, earlier = auth.relying_party(request), auth.cookie.read(request)
    device = await count_step(request)
    new = await log_in_by_passkey(
        auth.store,
        party,
        body.credential.model_dump(),
        user_agent=user_agent_of(request),
        earlier=earlier,
        at=auth.clock(),
    )
    auth.attempts.step_taken(device)
    return await begin(request, response, new)


@router.post("/api/session/confirm/passkey", summary="Confirm by a passkey", responses=refusals(401, 403, 409, 429))
async def confirm(body: UsedPasskey, principal: InSession, request: Request) -> Me:
    """Use a passkey again, before an act that answers `confirm_password`."""
    auth, session = auth_of(request), principal.session
    party, at = auth.relying_party(request), auth.clock()
    with limited():
        auth.attempts.password(session.id if session else "")
    await confirm_by_passkey(auth.store, party, principal, body.credential.model_dump(), at)
    async with auth.store.read() as db:
        return await read_me(db, principal, at)
