"""The hosts of Jetstream: which sources share a connection, and the next host where one fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from weakref import WeakKeyDictionary

import httpx

from connectors.contract import Address, Wanted
from connectors.errors import ConnectorError, Rejected
from connectors.http.client import Http
from connectors.networks.bluesky.client import Service
from connectors.networks.bluesky.jetstream import OVERLAP, Jetstream
from connectors.networks.bluesky.options import Options

HOSTS: Final = tuple(f"wss://jetstream{n}.us-{coast}.bsky.network" for coast in ("east", "west") for n in (1, 2))
"""Bluesky's own: https://github.com/bluesky-social/jetstream#public-instances."""

_turns: WeakKeyDictionary[Http, int] = WeakKeyDictionary()
"""How many connections have begun, by client: each begins with the next host, since the last one has failed."""


def stream_key(source: Address) -> str:
    """`jetstream`, and the hosts if others are named; empty for a source that is only polled."""
    if source.kind not in ("hashtag", "account") or (source.server and source.kind == "account"):
        return ""
    return " ".join(["jetstream", *Options.model_validate(source.options).jetstream])


async def connect(http: Http, service: Service, wanted: Wanted, cursor: str) -> Jetstream:
    """An open connection to the first host that answers. Raises the last one's ConnectorError."""
    first = next(iter(wanted.values()))
    hosts = Options.model_validate(first.options).jetstream or list(HOSTS)
    turn = _turns.get(http, 0)
    _turns[http] = turn + 1
    for host in _from(hosts, turn):
        try:
            return await _opened(http, service, host, wanted, _resumed(cursor))
        except ConnectorError as error:
            failure = error
    raise failure


async def _opened(http: Http, service: Service, host: str, wanted: Wanted, cursor: str) -> Jetstream:
    """A connection to this host, from now if it no longer knows the cursor. Raises ConnectorError."""
    stream = Jetstream(http, service)
    try:
        await stream.open(host, wanted, cursor)
    except Rejected as refused:
        await stream.close()
        if not cursor or refused.status != httpx.codes.BAD_REQUEST:
            raise
        return await _opened(http, service, host, wanted, "")  # what was missed is left to the polls
    except BaseException:
        await stream.close()
        raise
    return stream


def _from(hosts: Sequence[str], turn: int) -> list[str]:
    start = turn % len(hosts)
    return [*hosts[start:], *hosts[:start]]


def _resumed(cursor: str) -> str:
    """The cursor a little earlier; empty if it is not one."""
    return str(max(0, int(cursor) - OVERLAP)) if cursor.isascii() and cursor.isdecimal() else ""
