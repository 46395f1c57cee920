"""Where the account that a source follows is: on which server, and under what id there.

It owns the look-up, and the second one where the account is no longer where it was. It refuses to know its timeline.
"""

from __future__ import annotations

import msgspec

from connectors.contract import Address
from connectors.errors import Forbidden, InvalidResponse, NotFound
from connectors.http.client import Http
from connectors.networks.mastodon.client import Server
from connectors.networks.mastodon.timeline import Cursor
from connectors.networks.mastodon.webfinger import home


async def looked_up(http: Http, server: Server, source: Address, place: Cursor) -> Cursor:
    """The place with the account's id, wherever it lives. Raises ConnectorError."""
    try:
        return msgspec.structs.replace(place, account=await server.account(source.value))
    except (InvalidResponse, Forbidden):
        there = await home(http, source.server, source.value)
        if there in ("", source.server):
            raise
    account = await Server(http, there).account(source.value)
    return msgspec.structs.replace(place, account=account, server=there)


async def found_again(http: Http, server: Server, source: Address, place: Cursor, missing: NotFound) -> Cursor:
    """The cursor of the account's new timeline, where it has moved. Raises ConnectorError; `missing` if not."""
    try:
        there = await looked_up(http, server, source, Cursor(begun=False))
    except NotFound as nowhere:
        if missing.gone:
            raise missing from nowhere
        raise
    if (there.account, there.server) == (place.account, place.server):
        raise missing
    return there


async def still_there(server: Server, source: Address) -> None:
    """Nothing, where the account is. Raises NotFound where its server knows it no longer, and other ConnectorError."""
    try:
        await server.account(source.value)
    except NotFound as missing:
        raise NotFound(
            f"Account not found: {server.host} no longer has @{source.value}. It was deleted, suspended or moved."
        ) from missing
