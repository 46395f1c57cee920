"""The statuses of a response, read in the sandbox in portions: only those that crash the reader are lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import msgspec

from connectors.http.client import Http
from connectors.networks.mastodon.posts import NETWORK
from connectors.networks.mastodon.reading import ParsedStatus, read_some
from connectors.timeline.portions import PORTION_SECONDS, UNREADABLE, read_portions


async def read_statuses(http: Http, body: bytes, *, seconds: float = PORTION_SECONDS) -> list[ParsedStatus]:
    """A list of statuses in JSON, or a single one. Raises InvalidResponse if it is neither, and SandboxCrashed.

    A portion takes about so many `seconds`.
    """
    at = datetime.now(UTC).isoformat()
    statuses: list[ParsedStatus] = []
    for number, encoded in enumerate(await read_portions(http, NETWORK, read_some, body, at, seconds=seconds), 1):
        if encoded is None:
            statuses.append(ParsedStatus(id="", broken=UNREADABLE.format(number)))
        else:
            statuses.append(msgspec.msgpack.decode(encoded, type=ParsedStatus))
        await asyncio.sleep(0)  # let the event loop run between two of them
    return statuses
