"""The context of polls and rechecks, and the ways to call a connector and to write to the store."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TypeVar

import structlog

from aggregator.sources.credentials import CredentialsError, Vault, options_of, read_credentials, redacted
from aggregator.sources.tables import Source
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from aggregator.timestamps import now
from connectors.contract import Address, Connector
from connectors.errors import ConnectorError, Forbidden, Unavailable
from connectors.http.client import Http
from connectors.timeouts import pausable_timeout

T = TypeVar("T")

DEFAULT_MIN_INTERVAL = 60.0
"""The shortest interval, in seconds, for a network without a connector."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class PollContext:
    """The context of every poll. `timeout` is the time-out for one page of a connector, in seconds.

    `vault` decrypts credentials. `pauses` are the seconds between attempts to store a page while the store is
    unavailable. `warned` has, by source, the last logged sentences about unreadable entries. `sleep` waits between two
    connections of a stream.
    """

    store: Store
    connectors: Mapping[str, Connector]
    http: Http
    vault: Vault = field(default_factory=Vault)
    clock: Callable[[], datetime] = now
    random: Random = field(default_factory=Random)
    timeout: float = 60.0
    pauses: tuple[float, ...] = (0.1, 0.5, 2.0)
    warned: dict[int, frozenset[str]] = field(default_factory=dict)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def load(context: PollContext, source_id: int) -> Source | None:
    async with context.store.read() as db:
        return await db.get(Source, source_id)


def min_interval(context: PollContext, source: Source) -> float:
    connector = context.connectors.get(source.network)
    return connector.min_interval if connector else DEFAULT_MIN_INTERVAL


def max_interval(context: PollContext, source: Source) -> float | None:
    connector = context.connectors.get(source.network)
    return connector.max_interval if connector else None


# --- the network ------------------------------------------------------------------------------------------------


async def call_connector(
    context: PollContext, source: Source, question: Callable[[Connector, Address], Coroutine[None, None, T]]
) -> T:
    """Call the source's connector. Raises ConnectorError, whatever goes wrong, with a plain sentence."""
    connector = context.connectors.get(source.network)
    if connector is None:
        raise ConnectorError(f"No connector for the network “{source.network}”: is its package installed?")
    with context.http.trusting(source.server or source.value):  # its own host only, since its replies name others
        return await call(connector, address_of(context, source), question, context.timeout, source=source.id)


async def call(
    connector: Connector,
    address: Address,
    question: Callable[[Connector, Address], Coroutine[None, None, T]],
    seconds: float,
    **about: object,
) -> T:
    """Call a connector with a time-out. Raises ConnectorError, whatever goes wrong.

    Waiting for others' calls in a sandbox does not count: a hostile feed fails no honest one behind it.

    `about` is added to the log line. Credentials are redacted, because third-party connectors may put them in errors.
    """
    try:
        async with pausable_timeout(seconds):
            return await question(connector, address)
    except ConnectorError as error:
        error.args = tuple(redacted(str(each), address.credentials) for each in error.args)
        raise
    except TimeoutError as error:
        raise Unavailable(f"Timed out after {seconds:g} seconds without a complete response.") from error
    except Exception as error:  # noqa: BLE001  a connector may raise anything; it is logged below, redacted
        report = redacted("".join(traceback.format_exception(error)), address.credentials)
        log.error("connector failed", network=address.network, exception=report, **about)  # noqa: TRY400  it is there
        raise ConnectorError(
            f"Internal error in the connector for {connector.label}: see the log for details."
        ) from None


def origin_of(context: PollContext, source: Source) -> Callable[[str], bool]:
    """Return the test whether this source's server is the origin of the post with a given key."""
    connector = context.connectors.get(source.network)
    address = Address(network=source.network, kind=source.kind, value=source.value, server=source.server)

    def is_origin(key: str) -> bool:
        try:
            return connector is not None and connector.is_origin(address, key)
        except Exception:
            log.exception("connector failed", source=source.id, network=source.network)
            return False

    return is_origin


def address_of(context: PollContext, source: Source) -> Address:
    """Return the source's address with its credentials. Raises Forbidden if they cannot be decrypted."""
    connector = context.connectors.get(source.network)
    try:
        credentials = read_credentials(context.vault, source, connector)
    except CredentialsError as error:
        raise Forbidden(str(error)) from error
    return Address(
        network=source.network,
        kind=source.kind,
        value=source.value,
        server=source.server,
        options=options_of(source, connector),
        credentials=credentials,
    )


# --- the store --------------------------------------------------------------------------------------------------


async def with_retries(context: PollContext, source: Source, store: Callable[[], Awaitable[T]]) -> T:
    """Run a transaction, retrying after each of the pauses while the store is unavailable or deadlocked.

    Raises Outage if the last attempt fails.
    """
    for seconds in context.pauses:
        try:
            return await store()
        except Outage as outage:
            log.warning("page not stored yet", source=source.id, error=str(outage), again_in=seconds)
        await asyncio.sleep(seconds)
    return await store()
