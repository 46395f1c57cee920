"""A running intake: starting and stopping it, and a network that records when it is polled."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aggregator.intake import Intake
from aggregator.store.store import Store
from connectors.contract import Address, Connector, Page
from connectors.errors import Unavailable
from connectors.http.client import Http
from tests.aggregator.invented import NETWORK, Silent

TIMEOUT = 30.0


def intake(store: Store, connector: Connector, **options: Any) -> Intake:
    return Intake(store, {NETWORK: connector}, Http(), **options)


@asynccontextmanager
async def running(intake: Intake) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(intake.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=TIMEOUT)
        assert task.cancelled()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not true():
            await asyncio.sleep(0.005)


class ByAddress(Silent):
    """A connector that counts the polls of each source, and those in progress."""

    min_interval = 0.02

    def __init__(self, slow: str = "", *, gate: asyncio.Event | None = None) -> None:
        super().__init__()
        self.gate = gate or asyncio.Event()
        if gate is None:
            self.gate.set()
        self.polls: dict[str, int] = {}
        self.under_way: dict[str, int] = {}
        self.most = 0
        self.most_of_one = 0
        self.slow = slow

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        name = source.value
        self.polls[name] = self.polls.get(name, 0) + 1
        self.under_way[name] = self.under_way.get(name, 0) + 1
        self.most = max(self.most, sum(self.under_way.values()))
        self.most_of_one = max(self.most_of_one, self.under_way[name])
        try:
            await self.gate.wait()
            await (asyncio.Event().wait() if name == self.slow else asyncio.sleep(0.002))
        finally:
            self.under_way[name] -= 1
        if name == "broken":
            raise Unavailable("away")
        return Page(wait=0.02)
