"""One server with Mastodon's API: our requests, and its errors in an organiser's words.

The token is sent to this server only.
"""

from __future__ import annotations

from functools import partial
from typing import Final
from urllib.parse import quote
from weakref import WeakKeyDictionary

import httpx

from connectors.contract.fields import id_of
from connectors.errors import Forbidden, InvalidResponse, NotFound, Rejected
from connectors.http.client import Http, Params, Reply, TooLarge
from connectors.networks.mastodon.errors import Unreadable, not_mastodon, unauthorised, unreadable
from connectors.networks.mastodon.facts import Fact, read_facts
from connectors.networks.mastodon.pieces import in_pieces
from connectors.networks.mastodon.portions import read_statuses
from connectors.networks.mastodon.reading import ParsedStatus
from connectors.networks.mastodon.timeline_page import TimelinePage, continued, first_id
from connectors.sandbox import SandboxCrashed

LIMIT: Final = 40  # Mastodon's maximum per page
MAX_PAGE: Final = 5 * 1024 * 1024
"""Bytes of a response."""
MAX_FACTS: Final = 512 * 1024
"""Bytes of an account or of a server's description."""
MAX_STATUS: Final = 24 * 1024 * 1024
"""Bytes of a page of one status, which is read in the sandbox, and bounded."""
INSTANCE: Final = ("/api/v2/instance", "/api/v1/instance")
UNNAMED: Final = "Unreadable post (without an id): its id is missing or invalid."
UNAUTHORISED: Final = frozenset({401, 403, 422})


_without_batches: WeakKeyDictionary[Http, set[str]] = WeakKeyDictionary()
"""Origins of servers without requests for many statuses at once, by client."""


class Server:
    """A server. `origin` is `https://mastodon.example`; `token` an access token of an account there, or empty."""

    def __init__(self, http: Http, origin: str, token: str = "") -> None:
        self.http = http
        self.origin = origin
        self._token = token
        self.asked = 0  # requests so far
        self.host = httpx.URL(origin).netloc.decode()

    async def timeline_page(self, path: str, params: Params, etag: str = "") -> TimelinePage | None:
        """A page of the timeline at `path`; None if it is unchanged since this ETag. Raises ConnectorError.

        A page on which no status has an id has no statuses, only sentences in `broken`: nothing could be asked by them.
        """
        try:
            return await self._page(path, {"limit": LIMIT, **params}, etag)
        except TooLarge:
            return await in_pieces(partial(self._page, path), params, LIMIT, self.host)

    async def _page(self, path: str, params: Params, etag: str = "") -> TimelinePage | None:
        reply = await self._get(path, params, etag, limit=MAX_STATUS if params["limit"] == 1 else MAX_PAGE)
        if reply.status == httpx.codes.NOT_MODIFIED:
            return None
        statuses = await self._read(reply)
        unnamed = () if first_id(statuses) else tuple(status.broken or UNNAMED for status in statuses)
        return TimelinePage(
            [] if unnamed else statuses,
            older=continued(reply, "next", "max_id") or first_id(reversed(statuses)),
            newer=continued(reply, "prev", "min_id") or first_id(statuses),
            etag=reply.headers.get("etag", ""),
            broken=unnamed,
        )

    async def account(self, acct: str) -> str:
        """The server's own id of an account. Raises NotFound if it doesn't know the name.

        Mastodon goes on answering for a suspended account, with a flag.
        """
        user, _, host = acct.partition("@")
        local = host in (self.host, httpx.URL(self.origin).host)
        try:
            asked = {"acct": user if local else acct}
            found = await self.facts("/api/v1/accounts/lookup", "id", "suspended", params=asked)
        except NotFound as missing:
            await self.verify_instance()
            raise NotFound(
                f"Account not found: {self.host} has no account @{acct}. Check the spelling; "
                "if its server is not called like its address, name that server as well."
            ) from missing
        if not (ref := id_of(found)):
            raise not_mastodon(self.host)
        if found.get("suspended") is True:
            raise NotFound(f"Account suspended: {self.host} no longer shows @{acct}.")
        return ref

    async def batch(self, ids: list[str]) -> list[ParsedStatus]:
        """The existing ones of several statuses, at once (Mastodon 4.3 and later, at most 20).

        Empty if the server has no such request, which is then not made again.
        """
        without = _without_batches.setdefault(self.http, set())
        if self.origin in without:
            return []
        try:
            return await self._read(await self._get("/api/v1/statuses", {"id[]": ids}))
        except (NotFound, Forbidden) as error:
            if isinstance(error, NotFound) or (isinstance(error, Rejected) and error.status not in UNAUTHORISED):
                without.add(self.origin)
            return []
        except InvalidResponse:
            return []

    async def status(self, ref: str) -> ParsedStatus:
        """One status. Raises NotFound if it doesn't exist."""
        reply = await self._get(f"/api/v1/statuses/{quote(ref, safe='')}", limit=MAX_STATUS)
        found = await self._read(reply)
        if not found:
            raise not_mastodon(self.host)
        return found[0]

    async def facts(self, path: str, *names: str, params: Params | None = None) -> dict[str, Fact]:
        """The values of the object at `path` under these names. Raises ConnectorError."""
        reply = await self._get(path, params, limit=MAX_FACTS)
        try:
            return await read_facts(self.http, reply, *names)
        except Unreadable:
            raise
        except InvalidResponse as error:
            raise not_mastodon(self.host) from error

    async def verify_instance(self) -> None:
        """Check that the server speaks Mastodon's API: a 404 may come from another server or from a proxy before it.

        Raises InvalidResponse if it doesn't, and RateLimited or Unavailable.
        """
        for path in INSTANCE:
            try:
                if _is_instance(await self.facts(path, "version", "domain", "uri")):
                    return
            except Unreadable:
                raise
            except (NotFound, Forbidden, InvalidResponse):
                continue
        raise not_mastodon(self.host)

    async def _get(self, path: str, params: Params | None = None, etag: str = "", limit: int = MAX_PAGE) -> Reply:
        headers = {"If-None-Match": etag} if etag else {}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        self.asked += 1
        try:
            return await self.http.get(
                self.origin + path, params=params, headers=headers, accept="application/json", limit=limit
            )
        except Rejected as denied:
            if denied.status not in UNAUTHORISED:
                raise
            raise unauthorised(self.host, denied.status, has_token=bool(self._token)) from denied

    async def _read(self, reply: Reply) -> list[ParsedStatus]:
        """A list of statuses, or a single one; some may be unsound. Raises InvalidResponse if it is neither."""
        try:
            return await read_statuses(self.http, reply.body)
        except SandboxCrashed as error:
            raise unreadable(self.host) from error
        except InvalidResponse as error:
            raise not_mastodon(self.host) from error


def _is_instance(found: dict[str, Fact]) -> bool:
    """Whether it describes an instance: version 2 names its `domain`, version 1 its `uri`."""
    return "version" in found and ("domain" in found or "uri" in found)
