"""Stopping the intake; an unavailable database or an unexpected error does not stop it."""

import asyncio
from typing import Any

from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.contract import Address, Page
from connectors.http.client import Http
from tests.aggregator.intake.at_work import TIMEOUT, ByAddress, intake, running, until
from tests.aggregator.invented import Invented, a_source, said, source_now, words


async def test_stop_drops_requests_and_lets_transactions_come_to_their_end(store: Store, wall: Wall) -> None:
    hanging, storing = await a_source(store, wall, "hanging"), await a_source(store, wall, "storing")

    class Stopping(ByAddress):
        async def poll(self, http: Http, source: Address, cursor: str) -> Page:
            page = await super().poll(http, source, cursor)
            asyncio.get_running_loop().call_later(0.001, task.cancel)
            return Page(posts=tuple(said(str(n)) for n in range(100)), cursor="stored", wait=page.wait)

    task = asyncio.create_task(intake(store, Stopping(slow="hanging")).run())
    await asyncio.wait([task], timeout=TIMEOUT)
    assert task.cancelled()
    assert (await source_now(store, hanging)).polled_at is None
    assert (await source_now(store, storing)).cursor == "stored"
    assert len(await words(store, wall.channel)) == 100


async def test_database_that_is_away_for_a_while_stops_nothing(
    store: Store, wall: Wall, said_to_log: list[Any]
) -> None:
    await a_source(store, wall, "well")
    connector = ByAddress()
    away = {"for": 2}

    class Shaky(Store):
        """A store whose first reads fail."""

        def __init__(self) -> None:
            self.__dict__ |= store.__dict__

        def read(self) -> Any:
            away["for"] -= 1
            if away["for"] >= 0:
                raise OSError("the database is unavailable")
            return super().read()

    async with running(intake(Shaky(), connector)):
        await until(lambda: "well" in connector.polls)
    assert [entry["event"] for entry in said_to_log][:2] == ["sources not read"] * 2


async def test_fault_beyond_a_source_is_logged_and_the_others_go_on(
    store: Store, wall: Wall, said_to_log: list[Any]
) -> None:
    await a_source(store, wall, "faulty")

    def fail() -> None:
        raise OSError("the picture worker is unavailable")

    connector = Invented(Page(posts=(said("1"),)))
    async with running(intake(store, connector, on_pictures=fail)):
        await until(lambda: any(entry["event"] == "poll failed unexpectedly" for entry in said_to_log))
        await a_source(store, wall, "well")
        await until(lambda: len(connector.cursors) == 2)
