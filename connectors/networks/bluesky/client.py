"""One service with Bluesky's API (an AppView, or a PDS that asks one): our requests, and its errors.

XRPC: https://atproto.com/specs/xrpc. A login is sent to this service only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import httpx

from connectors.contract import Person
from connectors.errors import InvalidResponse, NotFound, Rejected
from connectors.http.client import Http, Params, Reply
from connectors.networks.bluesky.addresses import DID, NETWORK
from connectors.networks.bluesky.errors import Refused, no_such, not_a_service, refused, unreadable
from connectors.networks.bluesky.login import Login
from connectors.networks.bluesky.portions import read_entries
from connectors.networks.bluesky.reading import Entry, Listing, read_people, read_wishes
from connectors.sandbox import SandboxCrashed

LIMIT: Final = 50
"""Entries of one page."""
TOGETHER: Final = 25
"""Posts or profiles that one request may name."""
MAX_PAGE: Final = 5 * 1024 * 1024
"""Bytes of a response."""


class FeedPage(Listing, frozen=True):
    """A Listing with its ETag."""

    etag: str = ""


class Service:
    """A service. `origin` is `https://public.api.bsky.app`; `login` is that of an account there, if it needs one."""

    def __init__(self, http: Http, origin: str, login: Login | None = None) -> None:
        self.http = http
        self.origin = origin
        self.host = httpx.URL(origin).netloc.decode()
        self._login = login

    async def page(self, method: str, name: str, params: Params, etag: str = "") -> FeedPage | None:
        """A page of a feed (`name` is `feed`) or of a search (`posts`); None if unchanged. Raises ConnectorError."""
        reply = await self.query(method, {"limit": LIMIT, **params}, etag)
        if reply.status == httpx.codes.NOT_MODIFIED:
            return None
        found = await self._listing(reply, name)
        return FeedPage(
            entries=found.entries, total=found.total, cursor=found.cursor, etag=reply.headers.get("etag", "")
        )

    async def posts(self, uris: Sequence[str]) -> list[Entry]:
        """The existing ones of these posts. Raises ConnectorError."""
        found: list[Entry] = []
        for some in _portions(uris):
            reply = await self.query("app.bsky.feed.getPosts", {"uris": some})
            found += (await self._listing(reply, "posts")).entries
        return found

    async def wishes(self, dids: Sequence[str]) -> dict[str, str]:
        """DID → wish to be left out (or nothing) of the accounts that exist, in the words of their profiles."""
        found: dict[str, str] = {}
        for some in _portions(dids):
            reply = await self.query("app.bsky.actor.getProfiles", {"actors": some})
            with self._readable():
                found |= await self.http.sandbox(NETWORK).run(
                    read_wishes, reply.body, returns=dict[str, str], raises=InvalidResponse
                )
        return found

    async def people(self, dids: Sequence[str]) -> dict[str, Person]:
        """DID → the person, of the accounts that the service shows. Raises ConnectorError."""
        found: dict[str, Person] = {}
        for some in _portions(dids):
            reply = await self.query("app.bsky.actor.getProfiles", {"actors": some})
            with self._readable():
                found |= await self.http.sandbox(NETWORK).run(
                    read_people, reply.body, returns=dict[str, Person], raises=InvalidResponse
                )
        return found

    async def resolve(self, handle: str) -> str:
        """The DID of a handle. Raises NotFound if it leads to no account."""
        try:
            found = (await self.query("com.atproto.identity.resolveHandle", {"handle": handle})).json()
        except Refused as refusal:
            if not refusal.is_unknown:
                raise
            raise no_such("account", f"@{handle}", self.host) from refusal
        except InvalidResponse as error:
            raise not_a_service(self.host) from error
        did = str(found.get("did")) if isinstance(found, dict) else ""
        if not DID.fullmatch(did):
            raise not_a_service(self.host)
        return did

    async def query(self, method: str, params: Params, etag: str = "") -> Reply:
        """The answer to a query. Raises Refused, and other ConnectorErrors: a 404 says that there is no such method."""
        token = await self._login.token(self.http) if self._login else ""
        try:
            return await self._get(method, params, etag, token)
        except Refused as refusal:
            if self._login is None or not refusal.is_expired:
                raise
        token = await self._login.token(self.http, not_this=token)
        return await self._get(method, params, etag, token)

    async def _get(self, method: str, params: Params, etag: str, token: str) -> Reply:
        headers = {"If-None-Match": etag} if etag else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            return await self.http.get(
                f"{self.origin}/xrpc/{method}",
                params=params,
                headers=headers,
                accept="application/json",
                limit=MAX_PAGE,
            )
        except Rejected as denied:
            raise refused(self.host, denied, has_login=bool(token)) from denied
        except NotFound as missing:
            raise not_a_service(self.host) from missing

    async def _listing(self, reply: Reply, name: str) -> Listing:
        with self._readable():
            return await read_entries(self.http, reply.body, name)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """The errors of reading in an organiser's words."""
        try:
            yield
        except SandboxCrashed as error:
            raise unreadable(self.host) from error
        except InvalidResponse as error:
            raise not_a_service(self.host) from error


def _portions(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), TOGETHER):
        yield list(names[start : start + TOGETHER])
