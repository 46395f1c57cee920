"""A served wall for each test of the live endpoints."""

from collections.abc import AsyncIterator

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from aggregator.store.store import Store
from tests.conftest import Copies, Turns
from tests.web.served import Served, serving
from web.websocket import LiveProtocol


@pytest.fixture(params=["wire", "plain"])
async def served(request: pytest.FixtureRequest, sqlite_store: Store) -> AsyncIterator[Served]:
    """A server with our WebSocket class, and one with uvicorn's own, which only has plain ASGI messages."""
    protocol = LiveProtocol if request.param == "wire" else WebSocketsSansIOProtocol
    async with serving(sqlite_store, protocol) as served:
        yield served


@pytest.fixture
def databases(request: pytest.FixtureRequest, copies: Copies) -> Copies | Turns:
    """SQLite's, unless a test asks for both kinds: all that the pages ask of a database is in `tests/aggregator`."""
    asked = getattr(request, "param", "sqlite")
    found: Copies | Turns = copies if asked == "sqlite" else request.getfixturevalue("turns")
    return found


@pytest.fixture
async def sqlite_store(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store(await copies.take(tmp_path_factory.mktemp("live")))
    yield store
    await store.close()
