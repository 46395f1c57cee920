"""The session cookie, and the one that ties a log-in at an OpenID provider to the browser in which it began."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from aggregator.accounts.challenges import CHALLENGE_LIFETIME
from aggregator.accounts.sessions import LIFETIME

PLAIN_NAME = "backchannel"
HOST_NAME = "__Host-backchannel"
"""Browsers take a cookie with this prefix only from this very host, by HTTPS (RFC 6265bis, section 4.1.3.2)."""


@dataclass(frozen=True)
class SessionCookie:
    """The cookie that carries a session's token; `secure` where the public URL is HTTPS.

    No script can read it, and no request from another site carries it, except following a link (`SameSite=Lax`).
    """

    secure: bool

    @property
    def name(self) -> str:
        return HOST_NAME if self.secure else PLAIN_NAME

    def read(self, connection: HTTPConnection) -> str:
        """Return the token that the browser has sent, else empty."""
        return connection.cookies.get(self.name, "")

    def put(self, response: Response, token: str) -> None:
        """Let the browser keep a token for as long as its session can last."""
        age = int(LIFETIME.total_seconds())
        response.set_cookie(self.name, token, max_age=age, secure=self.secure, httponly=True, samesite="lax")

    def clear(self, response: Response) -> None:
        """Let the browser forget the token."""
        response.delete_cookie(self.name, secure=self.secure, httponly=True, samesite="lax")


@dataclass(frozen=True)
class StateCookie:
    """The cookie with the state of a log-in at an OpenID provider, for as long as that may take.

    Without it, somebody could make another person's browser finish a log-in that they have begun themselves.
    """

    secure: bool

    @property
    def name(self) -> str:
        return f"{HOST_NAME if self.secure else PLAIN_NAME}-state"

    def read(self, connection: HTTPConnection) -> str:
        """Return the state that the browser has sent, else empty."""
        return connection.cookies.get(self.name, "")

    def put(self, response: Response, state: str) -> None:
        """Let the browser keep the state."""
        age = int(CHALLENGE_LIFETIME.total_seconds())
        response.set_cookie(self.name, state, max_age=age, secure=self.secure, httponly=True, samesite="lax")

    def clear(self, response: Response) -> None:
        """Let the browser forget the state."""
        response.delete_cookie(self.name, secure=self.secure, httponly=True, samesite="lax")
