"""The routes of accounts: sessions, passwords, links, invitations, members and API tokens."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI

from web import problems
from web.api import account, invitations, members, session, sessions, setup, tokens
from web.auth.context import Auth
from web.auth.context import install as install_auth

ROUTERS: Final = tuple(each.router for each in (session, sessions, account, setup, invitations, members, tokens))


def install(app: FastAPI, auth: Auth) -> None:
    """Add the routes to the application."""
    install_auth(app, auth)
    problems.install(app)
    for each in ROUTERS:
        app.include_router(each)
