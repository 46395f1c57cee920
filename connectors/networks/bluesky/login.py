"""The login of the account that searches: a session, begun with its app password and then refreshed.

Sessions are kept in memory only. A cursor would put them into the database and its backups unencrypted, and
`createSession` is limited to 30 in five minutes and 300 a day, of which a start of the server costs one:
https://docs.bsky.app/docs/advanced-guides/rate-limits, https://atproto.com/specs/xrpc#authentication.
"""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

import httpx

from connectors.errors import InvalidResponse, Rejected
from connectors.http.client import Http
from connectors.networks.bluesky.errors import UNAUTHORISED, not_a_service, refused, wrong_password
from connectors.text.lenient_json import decode_small

MARGIN: Final = timedelta(minutes=1)
"""How long before its end an access token is refreshed."""
REFUSED_FOR: Final = timedelta(minutes=15)
"""How long a refused password is not tried again: each attempt counts against the account."""

_logins: WeakKeyDictionary[Http, dict[tuple[str, str, str], Login]] = WeakKeyDictionary()


class Login:
    """One account on one server. `token` gives a valid access token; of several callers one at a time renews it."""

    def __init__(self, origin: str, account: str, password: str) -> None:
        self._origin = origin
        self._account = account
        self._password = password
        self._host = httpx.URL(origin).netloc.decode()
        self._turn = asyncio.Lock()
        self._access = self._refresh = ""
        self._ends: datetime | None = None
        self._refused: tuple[datetime, str] | None = None

    async def token(self, http: Http, *, not_this: str = "") -> str:
        """An access token, other than the one that the server has just refused. Raises ConnectorError."""
        async with self._turn:
            if not self._access or self._access == not_this or (self._ends and self._ends - MARGIN <= http.now()):
                await self._renew(http)
            return self._access

    async def _renew(self, http: Http) -> None:
        self._access = ""
        if self._refresh:
            try:
                return await self._take(http, "refreshSession", b"", {"Authorization": f"Bearer {self._refresh}"})
            except Rejected:  # expired, or revoked with its app password
                self._refresh = ""
        if self._refused and timedelta() <= http.now() - self._refused[0] < REFUSED_FOR:
            raise wrong_password(self._host, self._account, self._refused[1])
        body = json.dumps({"identifier": self._account, "password": self._password}).encode()
        try:
            await self._take(http, "createSession", body, {})
        except Rejected as denied:
            refusal = refused(self._host, denied, has_login=True)
            if refusal.status != UNAUTHORISED:
                raise refusal from denied
            self._refused = (http.now(), refusal.name)
            raise wrong_password(self._host, self._account, refusal.name) from denied

    async def _take(self, http: Http, method: str, body: bytes, headers: dict[str, str]) -> None:
        """The session of the server's answer. Raises ConnectorError."""
        reply = await http.post(f"{self._origin}/xrpc/com.atproto.server.{method}", body, headers=headers)
        try:
            found: Any = reply.json()
            access, refresh = found["accessJwt"], found["refreshJwt"]
        except (InvalidResponse, TypeError, KeyError) as error:
            raise not_a_service(self._host) from error
        if not (isinstance(access, str) and access and isinstance(refresh, str)):
            raise not_a_service(self._host)
        self._access, self._refresh = access, refresh
        self._ends, self._refused = end_of(self._access), None


def login(http: Http, origin: str, account: str, password: str) -> Login:
    """The login of this account, the same for all of its sources on this client."""
    known = _logins.setdefault(http, {})
    name = (origin, account, password)
    if name not in known:
        known[name] = Login(*name)
    return known[name]


def end_of(token: str) -> datetime | None:
    """When a JSON Web Token ends (RFC 7519, 4.1.4); None if it doesn't say so. Its signature is the server's affair."""
    _, _, rest = token.partition(".")
    payload = rest.partition(".")[0]
    try:
        said = decode_small(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(said["exp"], UTC)
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return None
