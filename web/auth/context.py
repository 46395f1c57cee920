"""What signing in needs, in one value that the application keeps in its state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import FastAPI
from starlette.requests import HTTPConnection

from aggregator.accounts.hasher import Hasher
from aggregator.accounts.openid_provider import OpenIdProvider
from aggregator.accounts.organisation import Organisation
from aggregator.accounts.relying_party import RelyingParty, relying_party
from aggregator.store.store import Store
from aggregator.timestamps import now
from web.auth.attempts import Attempts
from web.auth.cookie import SessionCookie
from web.connections import group


@dataclass(frozen=True)
class Auth:
    """The store, the hasher, the limits of attempts and the cookie. `public_url` is empty if it is not set.

    `provider` is the OpenID provider of an organisation, if there is one.
    """

    store: Store
    public_url: str = ""
    site_name: str = "Backchannel"
    provider: OpenIdProvider | None = None
    hasher: Hasher = field(default_factory=Hasher)
    attempts: Attempts = field(default_factory=Attempts)
    clock: Callable[[], datetime] = now

    @property
    def cookie(self) -> SessionCookie:
        return SessionCookie(secure=self.public_url.startswith("https:"))

    @property
    def organisation(self) -> Organisation | None:
        """The organisation whose people may sign in through its provider."""
        return self.provider.organisation if self.provider is not None else None

    def relying_party(self, connection: HTTPConnection) -> RelyingParty:
        """Return this server as passkeys know it. Raises PasskeysUnavailable."""
        return relying_party(self.public_url, connection.headers.get("host", ""), self.site_name)


def install(app: FastAPI, auth: Auth) -> None:
    """Let the application's routes ask `auth_of` for it."""
    app.state.auth = auth


def auth_of(connection: HTTPConnection) -> Auth:
    """Return the Auth of the application that serves this connection."""
    auth: Auth = connection.app.state.auth
    return auth


def address_of(connection: HTTPConnection) -> str:
    """Return the address or network that counts as one visitor."""
    return group(connection.client.host) if connection.client else ""


def user_agent_of(connection: HTTPConnection) -> str:
    """Return what the browser calls itself."""
    return connection.headers.get("user-agent", "")
