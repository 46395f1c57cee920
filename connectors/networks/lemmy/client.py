"""One server with Lemmy's or PieFed's API: our requests, and its errors in an organiser's words.

PieFed's API is Lemmy's under another path. The token is sent to this server only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import httpx

from connectors.errors import ConnectorError, InvalidResponse, NotFound, Rejected
from connectors.http.client import Http, Params, Reply
from connectors.networks.lemmy.errors import error_of, no_community, not_lemmy, unreadable
from connectors.networks.lemmy.posts import NETWORK
from connectors.networks.lemmy.reading import read_community, read_next, read_person, read_posts
from connectors.sandbox import SandboxCrashed
from connectors.timeline.entries import Entry, read_entries
from connectors.timeline.walk import EntryPage, digest_of

T = TypeVar("T")

LIMIT: Final = 40  # posts of a page; Lemmy's maximum is 50, PieFed's less
LEMMY: Final = "/api/v3"
PIEFED: Final = "/api/alpha"
MAX_PROFILES: Final = 10  # of one poll: PieFed shows one at a time


class Server:
    """A server. `origin` is `https://lemmy.example`; `token` one of an account there, or empty.

    `api` is the path of its API, once it is known.
    """

    def __init__(self, http: Http, origin: str, token: str = "", api: str = "") -> None:
        self.http = http
        self.origin = origin
        self.host = httpx.URL(origin).netloc.decode()
        self.api = api if api in (LEMMY, PIEFED) else ""
        self._token = token

    async def open(self, community: str) -> str:
        """The path of the API that knows this community. Raises NotFound if it doesn't, and ConnectorError."""
        try:
            reply = await self._get("community", {"name": self._local(community)})
        except NotFound as missing:
            raise missing if missing.gone else no_community(self.host, community) from missing
        if not await self._run(read_community, reply, bool):
            raise not_lemmy(self.host)
        return self.api

    async def page(self, community: str, older: str) -> EntryPage:
        """A page of the community's newest posts, below what `older` stands for. Raises ConnectorError."""
        asked: Params = {"community_name": self._local(community), "sort": "New", "limit": LIMIT, "show_nsfw": True}
        reply = await self._get("post/list", {**asked, **({"page_cursor": older} if older else {})})
        entries = await self._read(reply)
        following = await self._run(read_next, reply, str) if entries else ""
        return EntryPage(entries, older=following, digest="" if older else digest_of(reply.body))

    async def post(self, ref: str) -> Entry:
        """One post. Raises NotFound if the API says that there is none."""
        found = await self._read(await self._get("post", {"id": ref}))
        if not found:
            raise not_lemmy(self.host)
        return found[0]

    async def person(self, name: str) -> str:
        """The wish of the person `ada@host`. Raises NotFound if there is none, or its account has ended."""
        wish, has_ended = await self._run(
            read_person, await self._get("user", {"username": self._local(name)}), tuple[str, bool]
        )
        if has_ended:
            raise NotFound(f"Account ended: {self.host} has deleted or banned @{name}.")
        return wish

    async def wishes(self, names: list[str]) -> dict[str, str]:
        """The wishes of these people, as far as they are looked up. Lemmy's lists have them already."""
        if self.api == LEMMY:
            return dict.fromkeys(names, "")
        found: dict[str, str] = {}
        for name in names[:MAX_PROFILES]:
            try:
                found[name] = await self.person(name)
            except NotFound:
                found[name] = ""
            except ConnectorError:
                break
        return found

    def _local(self, name: str) -> str:
        """The name as this server knows it: without a host if that is its own."""
        user, _, host = name.partition("@")
        return user if host in (self.host, httpx.URL(self.origin).host) else name

    async def _get(self, endpoint: str, asked: Params) -> Reply:
        """The reply of the API, which is looked for under both paths the first time."""
        if not self.api:
            try:
                reply = await self._get_from(LEMMY, endpoint, asked)
                self.api = LEMMY
            except InvalidResponse:
                reply = await self._get_from(PIEFED, endpoint, asked)
                self.api = PIEFED
            return reply
        return await self._get_from(self.api, endpoint, asked)

    async def _get_from(self, api: str, endpoint: str, asked: Params) -> Reply:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            return await self.http.get(
                f"{self.origin}{api}/{endpoint}", params=asked, headers=headers, accept="application/json"
            )
        except (Rejected, NotFound) as error:
            raise error_of(error, self.host, has_token=bool(self._token)) from error

    async def _read(self, reply: Reply) -> list[Entry]:
        """A list of posts, or a single one; some may be unsound. Raises InvalidResponse if it is neither."""
        try:
            return await read_entries(self.http, NETWORK, read_posts, reply.body)
        except SandboxCrashed as error:
            raise unreadable(self.host) from error
        except InvalidResponse as error:
            raise not_lemmy(self.host) from error

    async def _run(self, function: Callable[[bytes], T], reply: Reply, returns: type[T]) -> T:
        try:
            return await self.http.sandbox(NETWORK).run(function, reply.body, returns=returns, raises=InvalidResponse)
        except SandboxCrashed as error:
            raise unreadable(self.host) from error
        except InvalidResponse as error:
            raise not_lemmy(self.host) from error
