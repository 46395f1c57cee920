"""One server with PeerTube's API: our requests, and its errors in an organiser's words. No request needs a token."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import httpx

from connectors.errors import ConnectorError, InvalidResponse, NotFound, Rejected
from connectors.http.client import Http, Params, Reply
from connectors.networks.peertube.errors import error_of, no_channel, not_peertube, unreadable
from connectors.networks.peertube.posts import NETWORK
from connectors.networks.peertube.reading import read_account, read_video, read_videos
from connectors.sandbox import SandboxCrashed
from connectors.timeline.entries import Entry, read_entries
from connectors.timeline.portions import ReadSome
from connectors.timeline.walk import EntryPage, digest_of

LIMIT: Final = 40  # videos of a page; PeerTube's maximum is 100
OVERLAP: Final = 2  # videos of two pages in common: one that is removed meanwhile lets none slip through
MAX_PROFILES: Final = 10  # of one poll
CHANNEL: Final = "video-channels"
ACCOUNT: Final = "accounts"


class Server:
    """A server. `origin` is `https://peertube.example`; `tag` the followed one, or empty."""

    def __init__(self, http: Http, origin: str, tag: str = "") -> None:
        self.http = http
        self.origin = origin
        self.host = httpx.URL(origin).netloc.decode()
        self._tag = tag

    async def find(self, name: str, *, is_channel: bool) -> str:
        """The path of the channel or account `socitm@host`; where the one does not exist, the other is looked for.

        Raises NotFound if there is neither, and ConnectorError.
        """
        for kind in (CHANNEL, ACCOUNT) if is_channel else (ACCOUNT, CHANNEL):
            try:
                await self._get(f"{kind}/{self._local(name)}", {})
            except NotFound as missing:
                if missing.gone:
                    raise
            else:
                return f"{kind}/{self._local(name)}/videos"
        raise no_channel(self.host, name)

    async def page(self, path: str, asked: Params, older: str) -> EntryPage:
        """A page of the list at `path`, from the position `older` on if there is one. Raises ConnectorError."""
        start = int(older) if older else 0
        listed: Params = {**asked, "sort": "-publishedAt", "count": LIMIT, "start": start, "nsfw": "both"}
        reply = await self._get(path, listed)
        entries = await self._read(read_videos, reply)
        following = str(start + len(entries) - OVERLAP) if len(entries) == LIMIT else ""
        return EntryPage(entries, older=following, digest="" if older else digest_of(reply.body))

    async def video(self, ref: str) -> Entry:
        """One video. Raises NotFound if the API says that there is none, or that it is not for us."""
        found = await self._read(read_video, await self._get(f"videos/{quote(ref, safe='')}", {}, is_single=True))
        if not found:
            raise not_peertube(self.host)
        return found[0]

    async def account(self, name: str) -> str:
        """The wish in the profile of the account `ada@host`. Raises NotFound if there is none."""
        reply = await self._get(f"{ACCOUNT}/{self._local(name)}", {})
        try:
            return await self.http.sandbox(NETWORK).run(read_account, reply.body, returns=str, raises=InvalidResponse)
        except SandboxCrashed as error:
            raise unreadable(self.host) from error
        except InvalidResponse as error:
            raise not_peertube(self.host) from error

    async def wishes(self, names: list[str]) -> dict[str, str]:
        """The wishes of these accounts, as far as they are looked up."""
        found: dict[str, str] = {}
        for name in names[:MAX_PROFILES]:
            try:
                found[name] = await self.account(name)
            except NotFound:
                found[name] = ""
            except ConnectorError:
                break
        return found

    def _local(self, name: str) -> str:
        """The name as this server's paths have it: without a host if that is its own."""
        user, _, host = name.partition("@")
        return quote(user if host in (self.host, httpx.URL(self.origin).host) else name, safe="@")

    async def _get(self, path: str, asked: Params, *, is_single: bool = False) -> Reply:
        try:
            return await self.http.get(f"{self.origin}/api/v1/{path}", params=asked, accept="application/json")
        except (Rejected, NotFound) as error:
            raise error_of(error, self.host, is_single=is_single) from error

    async def _read(self, function: ReadSome, reply: Reply) -> list[Entry]:
        try:
            return await read_entries(self.http, NETWORK, function, reply.body, self.origin, self._tag)
        except SandboxCrashed as error:
            raise unreadable(self.host) from error
        except InvalidResponse as error:
            raise not_peertube(self.host) from error
