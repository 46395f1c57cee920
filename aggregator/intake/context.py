"""What every poll and every recheck works with, and how a network is asked and the store is written to.

It refuses to know what is asked and what becomes of the answer.
"""

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

T = TypeVar("T")

WITHOUT_CONNECTOR = 60.0
"""The smallest interval, in seconds, for a network that no connector knows."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class PollContext:
    """What every poll works with. `patience` is how long a connector may take for one page, in seconds.

    `vault` decrypts credentials. `pauses` are those between tries to store a page while the store is away for a moment,
    in seconds. `warned` are the sentences about unreadable entries that were logged last, by source.
    """

    store: Store
    connectors: Mapping[str, Connector]
    http: Http
    vault: Vault = field(default_factory=Vault)
    clock: Callable[[], datetime] = now
    random: Random = field(default_factory=Random)
    patience: float = 60.0
    pauses: tuple[float, ...] = (0.1, 0.5, 2.0)
    warned: dict[int, frozenset[str]] = field(default_factory=dict)


async def load(context: PollContext, source_id: int) -> Source | None:
    async with context.store.read() as db:
        return await db.get(Source, source_id)


def min_interval(context: PollContext, source: Source) -> float:
    connector = context.connectors.get(source.network)
    return connector.min_interval if connector else WITHOUT_CONNECTOR


def max_interval(context: PollContext, source: Source) -> float | None:
    connector = context.connectors.get(source.network)
    return connector.max_interval if connector else None


# --- the network ------------------------------------------------------------------------------------------------


async def call_connector(
    context: PollContext, source: Source, question: Callable[[Connector, Address], Coroutine[None, None, T]]
) -> T:
    """Put a question to the source's connector. Raises ConnectorError, whatever goes wrong, in words of ours."""
    connector = context.connectors.get(source.network)
    if connector is None:
        raise ConnectorError(f"No connector knows the network “{source.network}”: is its package installed?")
    with context.http.trusting(source.server or source.value):  # its own host alone: what comes of it names others
        return await call(connector, address_of(context, source), question, context.patience, source=source.id)


async def call(
    connector: Connector,
    address: Address,
    question: Callable[[Connector, Address], Coroutine[None, None, T]],
    patience: float,
    **about: object,
) -> T:
    """Ask a connector, with `patience` seconds for the answer. Raises ConnectorError, whatever goes wrong.

    `about` is what a log line says beside it. Credentials are taken out of all sentences: not every connector is ours.
    """
    try:
        async with asyncio.timeout(patience):
            return await question(connector, address)
    except ConnectorError as trouble:
        trouble.args = tuple(redacted(str(each), address.credentials) for each in trouble.args)
        raise
    except TimeoutError as error:
        raise Unavailable(f"There was no answer within {patience:g} seconds.") from error
    except Exception as error:  # noqa: BLE001  a connector may raise anything; it is logged below, without credentials
        report = redacted("".join(traceback.format_exception(error)), address.credentials)
        log.error("connector failed", network=address.network, exception=report, **about)  # noqa: TRY400  it is there
        raise ConnectorError(
            f"Internal error in the connector for {connector.label}: the log has the details."
        ) from None


def origin_of(context: PollContext, source: Source) -> Callable[[str], bool]:
    """Whether this source's server is where the post with a key was made, as its connector knows it."""
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
    """Raises Forbidden where its credentials cannot be decrypted: without them another answer would come."""
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
    """A transaction, again after each pause, as long as the store is away or another writer is in our way.

    Raises Outage if it still is then.
    """
    for seconds in context.pauses:
        try:
            return await store()
        except Outage as outage:
            log.warning("page not stored yet", source=source.id, trouble=str(outage), again_in=seconds)
        await asyncio.sleep(seconds)
    return await store()
