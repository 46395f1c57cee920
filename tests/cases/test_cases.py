"""Small cases of strange feeds and statuses: their cards on a wall, by the whole path."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aggregator.migrations import open_store
from aggregator.store.store import Store
from tests.cases import feeds, statuses
from tests.cases.expecting import EXPECTED
from tests.cases.road import go
from tests.cases.served import CASES, Case
from tests.conftest import Copies

FOLDERS = sorted(folder.name for folder in CASES.iterdir())
ABOUT = (feeds, statuses)
"""Modules that enter expectations when they are imported."""


@pytest.fixture
async def sqlite(copies: Copies, tmp_path: Path) -> AsyncIterator[Store]:
    """An open, empty store, on SQLite only: these cases do not depend on the database."""
    store = Store(await copies.take(tmp_path))
    try:
        await open_store(store)
        yield store
    finally:
        await store.close()


@pytest.mark.parametrize("name", FOLDERS)
async def test_case_comes_to_the_wall_as_it_should(name: str, sqlite: Store) -> None:
    expected = EXPECTED[name]
    expected.check(await go(Case(name), sqlite, began=expected.began, pause=expected.pause))


def test_every_case_has_an_expectation_and_the_other_way_round() -> None:
    assert sorted(EXPECTED) == FOLDERS
