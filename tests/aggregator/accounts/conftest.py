"""A wall, an account, and a hasher that takes no time."""

from __future__ import annotations

import pytest

from aggregator.accounts.hasher import Hasher
from aggregator.accounts.tables import Account
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import a_hall, an_account, cheap_argon2


@pytest.fixture
def hasher() -> Hasher:
    return Hasher(cheap_argon2())


@pytest.fixture
async def kim(store: Store) -> Account:
    return await an_account(store)


@pytest.fixture
async def hall(store: Store) -> Wall:
    return await a_hall(store)
