"""`/api/session/organisation`: sign in through the organisation's OpenID provider."""

from __future__ import annotations

import re
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from aggregator.accounts.access import Principal
from aggregator.accounts.errors import AccountError, ChallengeEnded, InvalidIdentity, ProviderUnavailable
from aggregator.accounts.openid_provider import OpenIdProvider
from aggregator.accounts.organisation import CALLBACK
from aggregator.accounts.organisation_log_in import Wish, begin, finish
from web.api.bodies import Body
from web.auth.context import Auth, auth_of, user_agent_of
from web.auth.cookie import StateCookie
from web.auth.signed_in import CrossSiteRefused, confirmed, maybe_signed_in
from web.auth.steps import count_step
from web.problems import PrivateRoute, Refusal, refusal_for, refusals

router = APIRouter(tags=["accounts"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])
log = structlog.get_logger()

WITHIN: Final = re.compile(r"/desk(?:/[\w-]+)*", re.ASCII)
"""Paths of the desk, to which signing in may lead on."""
SIGN_IN: Final = "/desk/sign-in"
MAX_PATH: Final = 200
MAX_CODE: Final = 4_000
"""Characters of what a provider sends back."""
REFUSED: Final = "organisation_refused"

Maybe = Annotated[Principal | None, Depends(maybe_signed_in)]
Sent = Annotated[str, Query(max_length=MAX_CODE)]


class Start(Body):
    """Where to go on to afterwards, and what for."""

    next: str = Field(default="/desk", max_length=MAX_PATH, description="A path of the desk.")
    again: bool = Field(default=False, description="Let the organisation ask for the password again.")
    connect: bool = Field(default=False, description="Connect the account that is signed in.")


class Departure(BaseModel):
    """Where the browser goes now."""

    url: str = Field(examples=["https://login.example.org/authorize?client_id=backchannel"])


@router.post(
    "/api/session/organisation", summary="Begin to log in by the organisation", responses=refusals(401, 403, 404, 429)
)
async def start(body: Start, principal: Maybe, request: Request, response: Response) -> Departure:
    """Connecting an account needs a sign-in that was confirmed lately (`confirm_password`)."""
    auth = auth_of(request)
    provider = _provider(auth)
    await count_step(request)
    link = None
    if body.connect:
        if principal is None or principal.session is None:
            raise Refusal(401, "not_signed_in", "Not signed in: log in first.")
        link = (await confirmed(request, principal)).account.id
    wish = Wish(body.next if WITHIN.fullmatch(body.next) else "/desk", body.again, link)
    try:
        begun = await begin(auth.store, provider, wish, auth.clock())
    except ProviderUnavailable as unavailable:
        log.warning("the OpenID provider is unavailable", reason=unavailable.reason)
        raise
    StateCookie(auth.cookie.secure).put(response, begun.state)
    return Departure(url=begun.url)


@router.get(CALLBACK, include_in_schema=False)  # for browsers alone, which the provider leads here
async def come_back(
    principal: Maybe, request: Request, code: Sent = "", state: Sent = "", error: Sent = ""
) -> Response:
    """Set the session cookie, and lead on to the desk; to its sign-in page with `problem` if that did not work."""
    auth = auth_of(request)
    cookie = StateCookie(auth.cookie.secure)
    try:
        reply, token = await _finish(auth, request, principal, code=code, state=state, error=error)
        auth.cookie.put(reply, token)
    except (AccountError, Refusal) as problem:
        if isinstance(problem, ProviderUnavailable | InvalidIdentity):
            log.warning("a log-in by the OpenID provider has failed", reason=problem.reason)
        reply = RedirectResponse(f"{SIGN_IN}?problem={refusal_for(problem).code}", 303)
    cookie.clear(reply)
    return reply


async def _finish(
    auth: Auth, request: Request, principal: Principal | None, *, code: str, state: str, error: str
) -> tuple[Response, str]:
    """Return the redirect to the desk, and the token of the session that has begun. Raises AccountError, Refusal."""
    provider = _provider(auth)
    device = await count_step(request)
    if not state or StateCookie(auth.cookie.secure).read(request) != state:
        raise ChallengeEnded
    if error or not code:
        raise Refusal(403, REFUSED, "Your organisation has not signed you in: try again there.")
    finished = await finish(
        auth.store,
        provider,
        principal if principal is not None and principal.session is not None else None,
        code=code,
        state=state,
        user_agent=user_agent_of(request),
        earlier=auth.cookie.read(request),
        at=auth.clock(),
    )
    auth.attempts.step_taken(device)
    return RedirectResponse(finished.next, 303), finished.new.token


def _provider(auth: Auth) -> OpenIdProvider:
    if auth.provider is None:
        raise Refusal(404, "not_found", "No organisation signs in here: set BACKCHANNEL_OIDC_ISSUER.")
    return auth.provider
