"""The handles on a wall, and suggestions for a misspelt one."""

from __future__ import annotations

import pytest

from aggregator.items.handles import close_handles, handles_on
from aggregator.store.store import Store
from connectors.contract import Page
from tests.aggregator.invented import ADA, BEN, a_source, a_wall, bring, said


async def test_handles_are_those_of_the_wall_each_once(store: Store) -> None:
    hall, foyer = await a_wall(store), await a_wall(store, "foyer")
    await bring(store, await a_source(store, hall), Page(posts=(said("1"), said("2"), said("3", author=BEN))))
    async with store.read() as db:
        assert await handles_on(db, [hall]) == [ADA.handle, BEN.handle]
        assert await handles_on(db, [foyer]) == []


@pytest.mark.parametrize(
    ("asked", "close"),
    [
        ("ada", [ADA.handle]),
        ("@ADDA", [ADA.handle]),
        ("@ben@invented.exampel", [BEN.handle, ADA.handle]),
        ("invented", [ADA.handle, BEN.handle]),
        ("zoë", []),
        ("@", []),
    ],
)
def test_close_handles_contain_what_was_typed_or_are_spelt_alike(asked: str, close: list[str]) -> None:
    assert close_handles(asked, [ADA.handle, BEN.handle]) == close
