"""Hacker News's search (Algolia) and its own API (Firebase): our requests, and their errors in an organiser's words."""

from __future__ import annotations

from typing import Final

from connectors.contract import Address
from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, Rejected, Unavailable
from connectors.http.client import Http, Params, Reply
from connectors.networks.hackernews.addresses import NETWORK, SEARCH_HOST
from connectors.networks.hackernews.reading import read_hits, read_item, read_user
from connectors.sandbox import SandboxCrashed
from connectors.timeline.entries import Entry, read_entries
from connectors.timeline.portions import ReadSome
from connectors.timeline.walk import EntryPage, digest_of

SEARCH: Final = f"https://{SEARCH_HOST}/api/v1/search_by_date"
API: Final = "https://hacker-news.firebaseio.com/v0"
LIMIT: Final = 50  # entries of a page; the search's maximum is 1,000
MAX_PROFILES: Final = 10  # of one poll
UNREADABLE: Final = (
    "Unreadable response: Hacker News sent what takes too long to read, or crashes the reader. It may pass."
)
NOT_ITS_API: Final = "Not Hacker News's API: {} answered with something else. It may be under maintenance."


class Server:
    """Hacker News."""

    def __init__(self, http: Http) -> None:
        self.http = http

    async def page(self, source: Address, older: str) -> EntryPage:
        """A page of what the source means, newest first. Raises ConnectorError."""
        number = int(older) if older else 0
        listed: Params = {**_asked(source), "hitsPerPage": LIMIT, "page": number}
        reply = await self._get(SEARCH, listed)
        entries = await self._read(read_hits, reply)
        following = str(number + 1) if len(entries) == LIMIT else ""
        return EntryPage(entries, older=following, digest="" if older else digest_of(reply.body))

    async def item(self, ref: str) -> Entry:
        """One story or comment. Raises NotFound if the API says that there is none, and ConnectorError."""
        found = await self._read(read_item, await self._get(f"{API}/item/{ref}.json", {}))
        if not found:
            raise NotFound("Not found: Hacker News has no such story or comment.")
        return found[0]

    async def wishes(self, names: list[str]) -> dict[str, str]:
        """The wishes in the profiles of these accounts, as far as they are looked up."""
        found: dict[str, str] = {}
        for name in names[:MAX_PROFILES]:
            try:
                reply = await self._get(f"{API}/user/{name}.json", {})
                sandbox = self.http.sandbox(NETWORK)
                found[name] = await sandbox.run(read_user, reply.body, returns=str, raises=InvalidResponse)
            except (ConnectorError, SandboxCrashed):
                break
        return found

    async def _get(self, url: str, asked: Params) -> Reply:
        host = url.split("/")[2]
        try:
            return await self.http.get(url, params=asked, accept="application/json")
        except NotFound as error:
            raise Unavailable(NOT_ITS_API.format(host)) from error
        except Rejected as error:
            raise Forbidden(
                f"Access denied ({error.status}): {host} refuses programs from this server's address, or this search. "
                "Try simpler words; if that fails, too, wait for an hour."
            ) from error

    async def _read(self, function: ReadSome, reply: Reply) -> list[Entry]:
        try:
            return await read_entries(self.http, NETWORK, function, reply.body)
        except SandboxCrashed as error:
            raise InvalidResponse(UNREADABLE) from error
        except InvalidResponse as error:
            raise InvalidResponse(NOT_ITS_API.format(reply.url.split("/")[2])) from error


def _asked(source: Address) -> Params:
    """The search's parameters. It takes words that only look alike, unless that is switched off."""
    match source.kind:
        case "account":
            return {"tags": f"(story,comment),author_{source.value}"}
        case "thread":
            return {"tags": f"comment,story_{source.value}"}
        case "site":
            exact = {"restrictSearchableAttributes": "url", "typoTolerance": "false"}
            return {"query": f'"{source.value}"', "advancedSyntax": "true", "tags": "story", **exact}
        case _:
            return {"query": source.value, "tags": "(story,comment)", "typoTolerance": "false"}
