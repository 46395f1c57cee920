"""Fixtures for the tests of the intake: a wall, a source and the captured log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.aggregator.intake.copies import OLD, Copies, source_on
from tests.aggregator.invented import Clock, a_source, a_wall


@pytest.fixture(autouse=True)
def said_to_log() -> Iterator[list[Any]]:
    """The entries of the log."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
async def wall(store: Store) -> Wall:
    return await a_wall(store)


@pytest.fixture
async def source(store: Store, wall: Wall) -> Source:
    return await a_source(store, wall)


@pytest.fixture
async def servers(store: Store, wall: Wall) -> Copies:
    first = await source_on(store, await a_wall(store, "theirs"), "https://b.example")
    found = Copies(store, first, await source_on(store, wall, "https://a.example"), Clock())
    for source in (found.first, found.second):
        await found.tell(source, OLD)
    return found
