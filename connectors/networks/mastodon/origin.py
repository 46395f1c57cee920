"""The origin of a post or author: the server named in the address that is its key, and that server's answer.

The origin is asked by ActivityPub (https://www.w3.org/TR/activitypub/, 6.11): 410 or a Tombstone means that the object
has ended. A 404 means so only if another post of the same server is found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from connectors.contract.origin import host_of_key
from connectors.errors import ConnectorError, NotFound
from connectors.http.client import Http
from connectors.networks.mastodon.client import Server
from connectors.networks.mastodon.facts import read_facts
from connectors.timeline.notes import ACTIVITY, MAX_OBJECT

MAX_REQUESTS: Final = 10
"""Requests to origins in one recheck."""


async def is_ended(http: Http, address: str) -> bool | None:
    """The origin's answer about this address: True for 410 or a Tombstone, None for a 404, False for all else."""
    try:
        reply = await http.get(address, accept=ACTIVITY, limit=MAX_OBJECT)
        found = await read_facts(http, reply, "type")
    except NotFound as missing:
        return True if missing.gone else None
    except ConnectorError:
        return False
    return found.get("type") == "Tombstone"


class Origins:
    """The origins of some posts, asked with a bounded number of requests and for so many seconds.

    `alive` are keys of posts known to exist.
    """

    def __init__(self, server: Server, alive: Sequence[str], seconds: float) -> None:
        self._http = server.http
        self._left = MAX_REQUESTS
        self._until = asyncio.get_running_loop().time() + seconds
        self._alive = alive
        self._answers: dict[str, bool] = {}

    async def has_ended(self, key: str) -> bool:
        """Whether the post's origin says, in time, that it has ended."""
        try:
            async with asyncio.timeout_at(self._until):
                return await self._ask(key)
        except TimeoutError:
            return False

    async def _ask(self, key: str) -> bool:
        if not host_of_key(key) or self._left <= 0:
            return False
        self._left -= 1
        ended = await is_ended(self._http, key)
        return await self._is_reliable(host_of_key(key)) if ended is None else ended

    async def _is_reliable(self, host: str) -> bool:
        """Whether a 404 of that host is meaningful: another of its posts is found."""
        if host not in self._answers:
            witness = next((key for key in self._alive if host_of_key(key) == host), "")
            self._answers[host] = bool(witness) and await self._is_there(witness)
        return self._answers[host]

    async def _is_there(self, key: str) -> bool:
        if self._left <= 0:
            return False
        self._left -= 1
        try:
            reply = await self._http.get(key, accept=ACTIVITY, limit=MAX_OBJECT)
            found = await read_facts(self._http, reply, "id")
        except ConnectorError:
            return False
        return found.get("id") == key
