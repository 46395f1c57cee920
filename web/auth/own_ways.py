"""Passwords and passkeys, where the organisation is not the only way in."""

from __future__ import annotations

from fastapi import Depends
from starlette.requests import HTTPConnection

from web.auth.context import auth_of
from web.problems import Refusal


async def refuse_if_organisation_only(connection: HTTPConnection) -> None:
    """Raise Refusal where people sign in through the organisation alone."""
    organisation = auth_of(connection).organisation
    if organisation is not None and organisation.is_only_way:
        detail = f"Here one signs in through {organisation.name} alone: use its button on the sign-in page."
        raise Refusal(403, "organisation_only", detail)


OwnWays = Depends(refuse_if_organisation_only)
