"""The origin of a post: the repository of its author, on the server that the author's DID names.

Services show copies of repositories. Whether a record or an account has ended, the repository's own server says:
https://atproto.com/specs/did, https://web.plc.directory/api/redoc, and the lexicons `com.atproto.sync.getRepoStatus`
and `com.atproto.repo.getRecord`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote

from connectors.errors import ConnectorError, InvalidResponse, NotFound, Rejected
from connectors.http.client import Http, Params
from connectors.networks.bluesky.addresses import origin
from connectors.networks.bluesky.entities import POST_URI
from connectors.networks.bluesky.errors import Refused, refused
from connectors.text.lenient_json import MAX_SMALL, as_list

DIRECTORY: Final = "https://plc.directory"
MAX_RECORD: Final = 512 * 1024
"""Bytes of a record; its contents are not read here."""
SERVICE: Final = "#atproto_pds"


class RepoState(StrEnum):
    """The state of an account's repository, in its own server's words; `unknown` if there is no answer."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    TAKEN_DOWN = "taken down"
    INACTIVE = "inactive"
    GONE = "gone"
    UNKNOWN = "unknown"


STATES: Final = {
    "deleted": RepoState.GONE,
    "deactivated": RepoState.DEACTIVATED,
    "takendown": RepoState.TAKEN_DOWN,
    "suspended": RepoState.TAKEN_DOWN,
}


class Repositories:
    """Repositories, each located once: a fresh look at every recheck, since accounts move between servers."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._located: dict[str, tuple[str, RepoState]] = {}

    async def state(self, did: str) -> RepoState:
        """The state of an account's repository."""
        return (await self._locate(did))[1]

    async def state_of_post(self, uri: str) -> RepoState:
        """`gone` if the post is deleted, alone or with its account; else the state of the repository.

        A repository that is not active says nothing about its posts: they may come back with it.
        """
        found = POST_URI.fullmatch(uri)
        if found is None:
            return RepoState.UNKNOWN
        server, state = await self._locate(found[1])
        if state is not RepoState.ACTIVE:
            return state
        record: Params = {"repo": found[1], "collection": "app.bsky.feed.post", "rkey": found[2]}
        try:
            await _ask(self._http, server, "com.atproto.repo.getRecord", record)
        except Refused as refusal:
            return RepoState.GONE if refusal.is_unknown else RepoState.UNKNOWN
        except ConnectorError:
            return RepoState.UNKNOWN
        return RepoState.ACTIVE

    async def _locate(self, did: str) -> tuple[str, RepoState]:
        if did not in self._located:
            try:
                self._located[did] = await _located(self._http, did)
            except ConnectorError:
                self._located[did] = "", RepoState.UNKNOWN
        return self._located[did]


async def _located(http: Http, did: str) -> tuple[str, RepoState]:
    """(server, state). A server without the repository is believed if it has others. Raises ConnectorError."""
    try:
        server = _server_in(await _document(http, did))
    except NotFound as missing:
        if missing.gone:  # a tombstone of the directory
            return "", RepoState.GONE
        raise
    try:
        answer = await _ask(http, server, "com.atproto.sync.getRepoStatus", {"did": did})
    except Refused as refusal:
        if refusal.name == "RepoNotFound" and await _has_others(http, server):
            return server, RepoState.GONE
        raise
    if answer.get("active") is True:
        return server, RepoState.ACTIVE
    status = answer.get("status")
    return server, STATES.get(status, RepoState.INACTIVE) if isinstance(status, str) else RepoState.INACTIVE


async def _has_others(http: Http, server: str) -> bool:
    """Whether the server has any repository: one that has lost all of them is a witness of nothing."""
    answer = await _ask(http, server, "com.atproto.sync.listRepos", {"limit": 1})
    return bool(as_list(answer.get("repos")))


async def _document(http: Http, did: str) -> Any:
    """The DID document. Raises ConnectorError; NotFound is `gone` if the directory has a tombstone."""
    if did.startswith("did:plc:"):
        return (
            await http.get(f"{DIRECTORY}/{did}", accept="application/did+ld+json, application/json", limit=MAX_SMALL)
        ).json()
    host = unquote(did.removeprefix("did:web:"))
    return (await http.get(f"https://{host}/.well-known/did.json", accept="application/json", limit=MAX_SMALL)).json()


def _server_in(document: Any) -> str:
    """The origin of the server that a DID document names. Raises InvalidResponse if it names none."""
    services = as_list(document.get("service")) if isinstance(document, dict) else None
    for service in services or ():
        if isinstance(service, dict) and str(service.get("id")).endswith(SERVICE):
            endpoint = service.get("serviceEndpoint")
            if isinstance(endpoint, str) and (found := origin(endpoint)):
                return found
    raise InvalidResponse("Invalid DID document: it names no server of the account's repository.")


async def _ask(http: Http, server: str, method: str, params: Params) -> dict[str, Any]:
    """The answer of a repository's server; empty if it is larger than is read here. Raises ConnectorError."""
    try:
        reply = await http.get(f"{server}/xrpc/{method}", params=params, accept="application/json", limit=MAX_RECORD)
    except Rejected as denied:
        raise refused(server, denied, has_login=False) from denied
    if len(reply.body) > MAX_SMALL:
        return {}
    found = reply.json()
    return found if isinstance(found, dict) else {}
