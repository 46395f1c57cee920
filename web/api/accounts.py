"""The routes of accounts: sessions, passwords, passkeys, links, invitations, members and API tokens."""

from __future__ import annotations

from typing import Final

import webauthn  # noqa: F401  # with the server, because importing it later would stop the event loop
from fastapi import FastAPI

from web import problems
from web.api import (
    account,
    invitations,
    members,
    organisation,
    passkey_session,
    passkeys,
    session,
    sessions,
    setup,
    tokens,
    ways,
)
from web.auth.context import Auth
from web.auth.context import install as install_auth

ROUTERS: Final = tuple(
    each.router
    for each in (
        ways,
        session,
        passkey_session,
        organisation,
        sessions,
        account,
        passkeys,
        setup,
        invitations,
        members,
        tokens,
    )
)


def install(app: FastAPI, auth: Auth) -> None:
    """Add the routes to the application."""
    install_auth(app, auth)
    problems.install(app)
    for each in ROUTERS:
        app.include_router(each)
