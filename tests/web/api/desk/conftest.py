"""A desk with a wall that has three posts, and a moderator's browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from aggregator.accounts.access import Principal
from aggregator.accounts.roles import Role
from aggregator.sources.credentials import Vault
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.contract import Page
from tests.accounts import a_member, a_session
from tests.aggregator.invented import BEN, NETWORK, a_source, a_wall, bring, said
from tests.web.api.desk.sources import Network
from tests.web.desk import Desk


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[Desk]:
    desk = Desk(store)
    yield desk
    await desk.hub.stop()


@pytest.fixture
async def wall(store: Store) -> Wall:
    return await a_wall(store)


@pytest.fixture
async def source(store: Store, wall: Wall) -> Source:
    """A source that has brought two posts by Ada and one by Ben."""
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"), said("2"), said("3", author=BEN))))
    return source


@pytest.fixture
async def moderator(store: Store, wall: Wall) -> Principal:
    return await a_member(store, wall, Role.MODERATOR)


@pytest.fixture
async def client(desk: Desk, store: Store, source: Source, moderator: Principal) -> AsyncIterator[httpx.AsyncClient]:
    """The moderator's browser."""
    begun = await a_session(store, moderator.account)
    async with desk.browser(Cookie=f"__Host-backchannel={begun.token}") as client:
        yield client


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
async def organiser(store: Store, wall: Wall, network: Network, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """An organiser's browser, at a desk that knows the invented network."""
    desk = Desk(store, connectors={NETWORK: network}, vault=Vault(tmp_path / "secret.key"))
    begun = await a_session(store, (await a_member(store, wall, Role.ORGANISER)).account)
    async with desk.browser(Cookie=f"__Host-backchannel={begun.token}") as client:
        yield client
