"""One server that speaks Mastodon's API: the requests that we make there, and what its refusals mean to an organiser.

It owns paths, parameters and the token, which goes to this server alone. It refuses to know what a status says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

import httpx
import msgspec

from connectors._base import Missing, Refused, Unreadable
from connectors._http import Denied, Http, Params, Reply

LIMIT: Final = 40  # the most that Mastodon gives per page
INSTANCE: Final = ("/api/v2/instance", "/api/v1/instance")
UNAUTHORISED: Final = frozenset({401, 403, 422})


class Leaf(msgspec.Struct, frozen=True):
    """One page of a timeline, newest first as the server gives it. `older` and `newer` continue it, by its own word.

    The ids are opaque: numbers on Mastodon, ULIDs on GoToSocial, flake ids on Pleroma. Nothing here compares them.
    """

    statuses: list[Any]
    older: str = ""
    newer: str = ""
    etag: str = ""


class Server:
    """`origin` is `https://mastodon.example`; `token` an access token of an account there, or empty."""

    def __init__(self, http: Http, origin: str, token: str = "") -> None:
        self._http = http
        self._origin = origin
        self._token = token
        self.asked = 0  # requests so far
        self.host = httpx.URL(origin).netloc.decode()

    async def leaf(self, path: str, params: Params, etag: str = "") -> Leaf | None:
        """A page of the timeline at `path`; None if it is still the one with this ETag. Raises Trouble."""
        reply = await self._get(path, {"limit": LIMIT, **params}, etag)
        if reply.status == httpx.codes.NOT_MODIFIED:
            return None
        statuses = self._list(reply)
        return Leaf(
            statuses,
            older=_continued(reply, "next", "max_id") or first_id(reversed(statuses)),
            newer=_continued(reply, "prev", "min_id") or first_id(statuses),
            etag=reply.headers.get("etag", ""),
        )

    async def account(self, acct: str) -> str:
        """The id that this server has given to an account. Raises Missing if it knows none of that name."""
        user, _, host = acct.partition("@")
        local = host in (self.host, httpx.URL(self._origin).host)
        try:
            found = self._json(await self._get("/api/v1/accounts/lookup", {"acct": user if local else acct}))
        except Missing as missing:
            await self.introduce()
            raise Missing(
                f"{self.host} knows no account @{acct}: check the spelling; "
                "if its server has another name than its address, name that server as well."
            ) from missing
        if not (ref := id_of(found)):
            raise self._stranger()
        return ref

    async def batch(self, ids: list[str]) -> list[Any]:
        """Several statuses at once, without those that are not there (Mastodon 4.3 and later, at most 20)."""
        return self._list(await self._get("/api/v1/statuses", {"id[]": ids}))

    async def status(self, ref: str) -> Any:
        return (await self._get(f"/api/v1/statuses/{quote(ref, safe='')}")).json()

    async def introduce(self) -> None:
        """Ask the server what it is, where a 404 may come from some other server or from a proxy before it.

        Raises Unreadable unless it speaks Mastodon's API, and Throttled or Unreachable.
        """
        for path in INSTANCE:
            try:
                if _is_instance((await self._get(path)).json()):
                    return
            except (Missing, Refused, Unreadable):
                continue
        raise self._stranger()

    async def _get(self, path: str, params: Params | None = None, etag: str = "") -> Reply:
        headers = {"If-None-Match": etag} if etag else {}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        self.asked += 1
        try:
            return await self._http.get(self._origin + path, params=params, headers=headers, accept="application/json")
        except Denied as denied:
            if denied.status not in UNAUTHORISED:
                raise
            raise Refused(self._refusal(denied.status)) from denied

    def _refusal(self, status: int) -> str:
        if self._token:
            return (
                f"{self.host} doesn't accept the access token of this source ({status}): "
                "make a new one there, with the permission to read (read:statuses)."
            )
        return (
            f"{self.host} shows this only to people who have an account there ({status}): "
            "give this source an access token of such an account."
        )

    def _list(self, reply: Reply) -> list[Any]:
        """A list of entities; not all of them need be sound, but where none has an id, they are something else."""
        found = self._json(reply)
        if not isinstance(found, list) or (found and not first_id(found)):
            raise self._stranger()
        return found

    def _json(self, reply: Reply) -> Any:
        try:
            return reply.json()
        except Unreadable as error:
            raise self._stranger() from error

    def _stranger(self) -> Unreadable:
        return Unreadable(
            f"{self.host} did not answer like a Mastodon server: check the address, or name a server that is one."
        )


def _is_instance(found: Any) -> bool:
    """Version 2 names its `domain`, version 1 its `uri`."""
    return isinstance(found, dict) and "version" in found and ("domain" in found or "uri" in found)


def id_of(entity: Any) -> str:
    """The server's own name for a status or an account; empty if it has none, which makes it unreadable anyway."""
    found = entity.get("id") if isinstance(entity, dict) else None
    return str(found) if isinstance(found, str | int) else ""


def first_id(entities: Iterable[Any]) -> str:
    return next(filter(None, map(id_of, entities)), "")


def _continued(reply: Reply, rel: str, parameter: str) -> str:
    """The id in the `Link` header. Only the id: behind a proxy such links lead to hosts and ports that we can't reach,
    and our token must not follow them."""
    links = httpx.Response(200, headers={"link": reply.headers.get("link", "")}).links
    try:
        return str(httpx.URL(links[rel]["url"]).params.get(parameter, ""))
    except (KeyError, httpx.InvalidURL):
        return ""
