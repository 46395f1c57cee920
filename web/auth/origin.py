"""Refuses what another site's page makes a browser send: unsafe requests, and WebSocket handshakes of any method.

The rules are those of Go's `http.CrossOriginProtection`: `Sec-Fetch-Site` decides where a browser sends it (on HTTPS
and localhost), elsewhere `Origin` must be this host. A client that sends neither is not a browser, and no page uses its
cookies. An API token is never sent by a browser on its own, so a request with one is not checked.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from web.auth.context import auth_of
from web.problems import Refusal

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OWN: Final = frozenset({"same-origin", "none"})
"""`none` is a person's own doing, such as a bookmark."""


async def refuse_cross_site(connection: HTTPConnection) -> None:
    """Raise Refusal for an unsafe request or a WebSocket handshake that another site has caused."""
    safe = connection.scope["type"] == "http" and connection.scope["method"] in SAFE_METHODS
    if not (safe or bearer(connection) is not None or _is_own(connection)):
        raise Refusal(403, "cross_site", "Cross-site request refused: use the desk of this server.")


def bearer(connection: HTTPConnection) -> str | None:
    """Return the API token of the request (RFC 6750, section 2.1); None if it has none."""
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def _is_own(connection: HTTPConnection) -> bool:
    headers = connection.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site in OWN
    if origin is None:
        return True
    return origin == auth_of(connection).public_url or urlsplit(origin).netloc == headers.get("host")
