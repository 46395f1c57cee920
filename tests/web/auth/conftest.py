"""The desk's routes over an empty store, and one account."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from aggregator.accounts.tables import Account
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import a_hall, an_account
from tests.aggregator.invented import NETWORK, Silent
from tests.web.desk import Desk


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[Desk]:
    desk = Desk(store, connectors={NETWORK: Silent()})
    yield desk
    await desk.hub.stop()


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.browser() as client:
        yield client


@pytest.fixture
async def kim(store: Store) -> Account:
    return await an_account(store)


@pytest.fixture
async def hall(store: Store) -> Wall:
    return await a_hall(store)
