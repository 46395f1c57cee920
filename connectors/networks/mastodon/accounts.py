"""The server and id of a followed account, found again after a move."""

from __future__ import annotations

import msgspec

from connectors.contract import Address
from connectors.errors import Forbidden, InvalidResponse, NotFound
from connectors.http.client import Http
from connectors.networks.mastodon.client import Server
from connectors.networks.mastodon.cursor import Cursor
from connectors.networks.mastodon.errors import without_timeline
from connectors.networks.mastodon.webfinger import home


async def looked_up(http: Http, server: Server, source: Address, position: Cursor) -> Cursor:
    """The position with the account's id and server. Raises ConnectorError."""
    try:
        return msgspec.structs.replace(position, account=await server.account(source.value))
    except (InvalidResponse, Forbidden):
        there = await home(http, source.server, source.value)
        if there in ("", source.server):
            raise
    account = await Server(http, there).account(source.value)
    return msgspec.structs.replace(position, account=account, server=there)


async def found_again(http: Http, server: Server, source: Address, position: Cursor, missing: NotFound) -> Cursor:
    """The position at the account's new timeline, if it has moved. Raises ConnectorError if not.

    It has ended only where both its timeline is gone and the look-up does not find it: `missing` is raised then.
    """
    try:
        there = await looked_up(http, server, source, Cursor(begun=False))
    except NotFound as nowhere:
        if missing.gone:
            raise missing from nowhere
        raise
    if (there.account, there.server) == (position.account, position.server):
        raise without_timeline(Server(http, there.server or source.server).host, source.value) from missing
    return there


async def still_there(server: Server, source: Address) -> None:
    """Check that the account still exists. Raises NotFound if it doesn't, or another ConnectorError."""
    try:
        await server.account(source.value)
    except NotFound as missing:
        raise NotFound(
            f"Account not found: {server.host} no longer has @{source.value}. It was deleted, suspended or moved."
        ) from missing
