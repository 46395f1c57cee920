"""Open connections to the desk: their right is checked again, and they are closed once it has ended."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import HTTPConnection

from aggregator.accounts.roles import Permission
from aggregator.store.errors import Outage
from web.auth.signed_in import identify, on_wall, require, signed_in
from web.problems import Refusal

RECHECK_INTERVAL: Final = 15.0
"""Seconds between two checks. A stream is checked when it has something to send: with heartbeats after 30 at most."""


class Recheck:
    """The right of one open connection to see a wall's desk. A check is not a use: it keeps no session alive."""

    def __init__(self, connection: HTTPConnection, slug: str, interval: float = RECHECK_INTERVAL) -> None:
        self._connection, self._slug, self._interval = connection, slug, interval
        self._checked_at = asyncio.get_running_loop().time()

    async def refused(self) -> Refusal:
        """Return once the connection may stay open no longer, with the reason."""
        while True:
            await asyncio.sleep(self._interval)
            refusal = await self._refusal()
            if refusal is not None:
                return refusal

    async def may_go_on(self) -> bool:
        """Whether the connection may stay open, asked anew if the last check is older than the interval."""
        at = asyncio.get_running_loop().time()
        if at - self._checked_at < self._interval:
            return True
        self._checked_at = at
        return await self._refusal() is None

    async def _refusal(self) -> Refusal | None:
        """Return why the connection may not stay open. While the database is unavailable nothing is decided."""
        try:
            principal = await signed_in(await identify(self._connection, is_use=False))
            await require(Permission.VIEW)(await on_wall(self._connection, self._slug, principal))
        except Refusal as refusal:
            return refusal
        except Outage:
            return None
        return None
