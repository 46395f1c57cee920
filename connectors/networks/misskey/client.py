"""One server with Misskey's API: our requests, and its errors in an organiser's words.

Every request is a POST with a JSON body. The token is sent to this server only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import httpx
import msgspec

from connectors.errors import Forbidden, InvalidResponse, NotFound, Rejected
from connectors.http.client import MEGABYTE, Http, Reply
from connectors.networks.misskey.errors import error_of, no_account, not_misskey, unreadable
from connectors.networks.misskey.posts import NETWORK
from connectors.networks.misskey.reading import Hashtags, read_account, read_notes, read_wishes
from connectors.sandbox import SandboxCrashed
from connectors.timeline.entries import Entry, read_entries
from connectors.timeline.walk import EntryPage, digest_of

T = TypeVar("T")

LIMIT: Final = 40  # notes of a page; Misskey's maximum is 100
MAX_PAGE: Final = 8 * MEGABYTE
MAX_PROFILES: Final = 40  # of one request: each has its pinned notes


class Server:
    """A server. `origin` is `https://misskey.example`; `token` an access token of an account there, or empty."""

    def __init__(self, http: Http, origin: str, token: str = "", hashtags: Hashtags | None = None) -> None:
        self.http = http
        self.origin = origin
        self.host = httpx.URL(origin).netloc.decode()
        self._token = token
        self._hashtags: dict[str, Any] = msgspec.to_builtins(hashtags or Hashtags())

    async def page(self, endpoint: str, asked: Mapping[str, object], older: str) -> EntryPage:
        """A page of the timeline at `endpoint`, below the id `older` if there is one. Raises ConnectorError."""
        below = {"untilId": older} if older else {}
        reply = await self._call(endpoint, {"limit": LIMIT, **asked, **below})
        entries = await self._read(reply)
        last = next((entry.id for entry in reversed(entries) if entry.id), "")
        return EntryPage(entries, older=last, digest="" if older else digest_of(reply.body))

    async def note(self, ref: str) -> Entry:
        """One note. Raises NotFound if the API says that there is none, or that it is not for us."""
        found = await self._read(await self._call("notes/show", {"noteId": ref}))
        if not found:
            raise not_misskey(self.host)
        return found[0]

    async def account(self, acct: str) -> str:
        """The server's own id of an account. Raises NotFound if it has none, or a suspended one."""
        user, _, host = acct.partition("@")
        asked = {"username": user} | ({} if host in (self.host, httpx.URL(self.origin).host) else {"host": host})
        try:
            return await self.user(asked)
        except NotFound as missing:
            raise missing if missing.gone else no_account(self.host, acct) from missing

    async def user(self, asked: Mapping[str, object]) -> str:
        """The id of the user with that name or id. Raises NotFound if there is none, or its account has ended."""
        id_, has_ended = await self._run(read_account, await self._call("users/show", asked), tuple[str, bool])
        if has_ended:
            raise NotFound(f"Account suspended: {self.host} no longer shows it.")
        return id_

    async def wishes(self, ids: list[str]) -> dict[str, str]:
        """The wishes of these users, by id; none if this server doesn't show profiles."""
        found: dict[str, str] = {}
        for start in range(0, len(ids), MAX_PROFILES):
            some = ids[start : start + MAX_PROFILES]
            try:
                wishes = await self._run(read_wishes, await self._call("users/show", {"userIds": some}), dict[str, str])
            except (NotFound, Forbidden, InvalidResponse):
                continue
            found |= {id_: wishes.get(id_, "") for id_ in some}
        return found

    async def _call(self, endpoint: str, asked: Mapping[str, object]) -> Reply:
        body = msgspec.json.encode({**asked, **({"i": self._token} if self._token else {})})
        try:
            return await self.http.post(
                f"{self.origin}/api/{endpoint}", body, accept="application/json", limit=MAX_PAGE
            )
        except (Rejected, NotFound) as error:
            raise error_of(error, self.host, has_token=bool(self._token)) from error

    async def _read(self, reply: Reply) -> list[Entry]:
        """A list of notes, or a single one; some may be unsound. Raises InvalidResponse if it is neither."""
        try:
            return await read_entries(self.http, NETWORK, read_notes, reply.body, self.origin, self._hashtags)
        except SandboxCrashed as error:
            raise unreadable(self.host) from error
        except InvalidResponse as error:
            raise not_misskey(self.host) from error

    async def _run(self, function: Callable[[bytes], T], reply: Reply, returns: type[T]) -> T:
        try:
            return await self.http.sandbox(NETWORK).run(function, reply.body, returns=returns, raises=InvalidResponse)
        except SandboxCrashed as error:
            raise unreadable(self.host) from error
        except InvalidResponse as error:
            raise not_misskey(self.host) from error
