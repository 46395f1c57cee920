"""The dependencies of the desk's routes: who is signed in, and what they may do on a wall.

They work for HTTP routes and for WebSockets, and refuse what another site has caused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends
from starlette.requests import HTTPConnection

from aggregator.accounts.access import Principal, permissions_on, wall_by_slug
from aggregator.accounts.api_tokens import find_token, touch_token
from aggregator.accounts.roles import Permission
from aggregator.accounts.sessions import TOUCH_INTERVAL, find_session, is_confirmed, touch_session
from aggregator.store.errors import Outage
from aggregator.walls.tables import Wall
from web.auth.context import Auth, auth_of
from web.auth.origin import bearer, refuse_cross_site
from web.problems import Refusal

CrossSiteRefused = Depends(refuse_cross_site)
CONFIRM: Final = "Confirm first that it is you, by your password or a passkey: you last did so some time ago."


@dataclass(frozen=True)
class Access:
    """A signed-in account on one wall, with what it may do there."""

    principal: Principal
    wall: Wall
    permissions: frozenset[Permission]


async def maybe_signed_in(connection: HTTPConnection) -> Principal | None:
    """Return who is signed in, by an API token or by the session cookie; None if nobody is.

    Raises Refusal for an API token that is not valid, and for a request that another site has caused.
    """
    await refuse_cross_site(connection)
    return await identify(connection, is_use=True)


async def identify(connection: HTTPConnection, *, is_use: bool) -> Principal | None:
    """Return who is signed in; only a use is noted, which keeps a session alive. Raises Refusal."""
    auth, secret = auth_of(connection), bearer(connection)
    if secret is None:
        return await _by_session(auth, connection, is_use=is_use)
    return await _by_token(auth, secret, is_use=is_use)


async def signed_in(principal: Annotated[Principal | None, Depends(maybe_signed_in)]) -> Principal:
    """Return who is signed in. Raises Refusal."""
    if principal is None:
        raise Refusal(401, "not_signed_in", "Not signed in: log in first.")
    return principal


async def in_session(principal: Annotated[Principal, Depends(signed_in)]) -> Principal:
    """Return who is signed in by a session: what concerns the account itself is not for API tokens. Raises Refusal."""
    if principal.session is None:
        raise Refusal(403, "session_only", "Not permitted with an API token: log in to the desk.")
    return principal


async def confirmed(connection: HTTPConnection, principal: Annotated[Principal, Depends(signed_in)]) -> Principal:
    """Return who is signed in and has given password or passkey lately, before a dangerous act. Raises Refusal.

    Making an API token needs this, so that what is done with the token does not.
    """
    if principal.session is not None and not is_confirmed(principal.session, auth_of(connection).clock()):
        raise Refusal(403, "confirm_password", CONFIRM)
    return principal


SignedIn = Annotated[Principal, Depends(signed_in)]
InSession = Annotated[Principal, Depends(in_session)]
Confirmed = Annotated[Principal, Depends(confirmed)]


async def on_wall(connection: HTTPConnection, slug: str, principal: SignedIn) -> Access:
    """Return what the principal may do on a wall, which may be nothing. Raises Refusal where there is no such wall."""
    async with auth_of(connection).store.read() as db:
        wall = await wall_by_slug(db, slug)
        if wall is None:
            raise Refusal(404, "not_found", f"There is no wall “{slug}”.")
        return Access(principal, wall, await permissions_on(db, principal, wall))


OnWall = Annotated[Access, Depends(on_wall)]


def require(permission: Permission) -> Callable[..., Awaitable[Access]]:
    """Return the dependency of a route with `{slug}` that needs this permission on the wall.

    Use it as `Annotated[Access, Depends(require(Permission.MODERATE))]`. It raises Refusal: 401 where nobody is signed
    in, 403 without the permission, 404 where there is no such wall.
    """

    async def allowed(access: OnWall) -> Access:
        if permission not in access.permissions:
            detail = f"Permission denied on “{access.wall.slug}”: it needs “{permission}”."
            raise Refusal(403, "permission_denied", detail)
        return access

    return allowed


async def _by_session(auth: Auth, connection: HTTPConnection, *, is_use: bool) -> Principal | None:
    token = auth.cookie.read(connection)
    if not token:
        return None
    at = auth.clock()
    async with auth.store.read() as db:
        principal = await find_session(db, token, at)
    session = principal.session if principal is not None else None
    if is_use and session is not None and _is_stale(session.used_at, at):
        with suppress(Outage):  # a full disk keeps nobody out
            async with auth.store.write() as db:
                await touch_session(db, session, at)
    return principal


async def _by_token(auth: Auth, secret: str, *, is_use: bool) -> Principal:
    at = auth.clock()
    async with auth.store.read() as db:
        found = await find_token(db, secret, at)
    if found is None:
        raise Refusal(401, "not_signed_in", "Invalid API token: it is unknown, has expired or was revoked.")
    token, principal = found
    if is_use and (token.used_at is None or _is_stale(token.used_at, at)):
        with suppress(Outage):
            async with auth.store.write() as db:
                await touch_token(db, token, at)
    return principal


def _is_stale(used_at: datetime, at: datetime) -> bool:
    return at - used_at >= TOUCH_INTERVAL
