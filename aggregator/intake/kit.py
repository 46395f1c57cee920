"""What every poll and every second look works with: the kit, and how a network is asked and the store is written to.

It refuses to know what is asked and what becomes of the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TypeVar

import structlog

from aggregator.moment import now
from aggregator.outage import Outage
from aggregator.store import Store
from aggregator.walls.tables import Source
from connectors._base import Address, Connector, Trouble, Unreachable
from connectors._http import Http

T = TypeVar("T")

WITHOUT_CONNECTOR = 60.0
"""The smallest interval, in seconds, for a network that no connector knows."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Kit:
    """What every poll works with. `patience` is how long a connector may take for one page, in seconds.

    `pauses` are those between tries to store a page while the store is away for a moment, in seconds.
    """

    store: Store
    connectors: Mapping[str, Connector]
    http: Http
    clock: Callable[[], datetime] = now
    random: Random = field(default_factory=Random)
    patience: float = 60.0
    pauses: tuple[float, ...] = (0.1, 0.5, 2.0)


async def load(kit: Kit, source_id: int) -> Source | None:
    async with kit.store.read() as session:
        return await session.get(Source, source_id)


def least(kit: Kit, source: Source) -> float:
    connector = kit.connectors.get(source.network)
    return connector.min_interval if connector else WITHOUT_CONNECTOR


def most(kit: Kit, source: Source) -> float | None:
    connector = kit.connectors.get(source.network)
    return connector.max_interval if connector else None


# --- the network ------------------------------------------------------------------------------------------------


async def ask(kit: Kit, source: Source, question: Callable[[Connector, Address], Coroutine[None, None, T]]) -> T:
    """Put a question to the source's connector. Raises Trouble, whatever goes wrong, in words of ours."""
    connector = kit.connectors.get(source.network)
    if connector is None:
        raise Trouble(f"No connector knows the network “{source.network}”: is its package installed?")
    try:
        async with asyncio.timeout(kit.patience):
            return await question(connector, address_of(source))
    except Trouble:
        raise
    except TimeoutError as error:
        raise Unreachable(f"There was no answer within {kit.patience:g} seconds.") from error
    except Exception as error:
        log.exception("connector failed", source=source.id, network=source.network)
        raise Trouble(f"Internal error in the connector for {connector.label}: the log has the details.") from error


def origin_of(kit: Kit, source: Source) -> Callable[[str], bool]:
    """Whether this source's server is where the post with a key was made, as its connector knows it."""
    connector, address = kit.connectors.get(source.network), address_of(source)

    def is_origin(key: str) -> bool:
        try:
            return connector is not None and connector.is_origin(address, key)
        except Exception:
            log.exception("connector failed", source=source.id, network=source.network)
            return False

    return is_origin


def address_of(source: Source) -> Address:
    return Address(
        network=source.network, kind=source.kind, value=source.value, server=source.server, options=source.options
    )


# --- the store --------------------------------------------------------------------------------------------------


async def at_last(kit: Kit, source: Source, store: Callable[[], Awaitable[T]]) -> T:
    """A transaction, again after each pause, as long as the store is away or another writer is in our way.

    Raises Outage if it still is then.
    """
    for seconds in kit.pauses:
        try:
            return await store()
        except Outage as outage:
            log.warning("page not stored yet", source=source.id, trouble=str(outage), again_in=seconds)
        await asyncio.sleep(seconds)
    return await store()


async def finish(work: Coroutine[None, None, T]) -> T:
    """Let a transaction that has begun come to its end, also when we are told to stop meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
