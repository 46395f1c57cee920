"""Known posts that a walk along the timeline can't meet, because they no longer exist."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.errors import NotFound
from connectors.networks.mastodon.client import Server


async def are_gone(server: Server, known: Sequence[str], listed: str) -> bool:
    """Whether the known posts have all been deleted or made private, as far as three of them show.

    A 404 counts only with a witness: the same request finds the listed post. Raises ConnectorError.
    """
    for id_ in dict.fromkeys((known[0], known[len(known) // 2], known[-1])):
        if await _is_public(server, id_):
            return False
    return bool(listed) and await _is_public(server, listed)


async def _is_public(server: Server, id_: str) -> bool:
    try:
        return not (await server.status(id_)).closed
    except NotFound:
        return False
