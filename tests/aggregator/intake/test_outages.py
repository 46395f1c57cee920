"""An unavailable database, and deadlocks, while a source is polled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import UNNAMED
from aggregator.intake import Intake
from aggregator.intake.admit import AdmitResult
from aggregator.intake.context import PollContext
from aggregator.intake.poll import PollResult, poll_source
from aggregator.intake.recheck import RecheckResult, recheck_after_poll, recheck_source
from aggregator.items.ids import post_id
from aggregator.sources.tables import Source
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from aggregator.walls.following import unfollow
from aggregator.walls.tables import Wall
from connectors.contract import Page
from connectors.http.client import Http
from tests.aggregator.invented import ADA, NETWORK, START, Clock, Invented, bring, said, source_now, words
from tests.conftest import Turns

ONE = post_id(NETWORK, "1")
LEASED = 1  # write: the lease
AWAY = "The database server does not answer. Start it."


class Shaky(Store):
    """A store whose first writes after the first `after` fail in the middle of their transaction."""

    def __init__(self, store: Store, times: int, after: int = 0) -> None:
        self.__dict__ |= store.__dict__
        self.times = times
        self.after = after

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        async with super().write() as db:
            yield db
            self.after -= 1
            if self.after >= 0:
                return
            self.times -= 1
            if self.times >= 0:
                raise Outage("The database server does not answer.", "Start it.")


def context(store: Store, connector: Invented, clock: Clock | None = None) -> PollContext:
    clock = clock or Clock()
    return PollContext(
        store=store, connectors={NETWORK: connector}, http=Http(), clock=clock, timeout=5.0, pauses=(0.001, 0.001)
    )


async def test_page_is_stored_once_the_database_is_back_without_asking_the_network_again(
    store: Store, wall: Wall, source: Source
) -> None:
    connector = Invented(Page(posts=(said("1"),), cursor="c"))
    polled = await poll_source(context(Shaky(store, 2), connector), source.id or 0)
    assert polled == PollResult(AdmitResult(new=frozenset({ONE})))
    assert connector.cursors == [""]
    now = await source_now(store, source)
    assert (now.cursor, now.failures, now.trouble) == ("c", 0, "")


async def test_second_look_is_stored_once_the_database_is_back_without_asking_the_network_again(
    store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, source, Page(posts=(said("1"),), refs={"1": "r1"}), START - timedelta(hours=1))
    connector = Invented(second_look=Page(gone=("1",)))
    assert await recheck_source(context(Shaky(store, 2), connector), source.id or 0) == RecheckResult(
        AdmitResult(gone=frozenset({ONE}), authors_to_check=(ADA,))
    )
    assert connector.asked_again == [{"1": "r1"}]
    assert await words(store, wall.channel) == {}


async def test_outage_during_a_second_look_is_the_trouble_of_its_source_alone(
    store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, source, Page(posts=(said("1"),), refs={"1": "r1"}), START - timedelta(hours=1))
    connector, later = Invented(second_look=Page(gone=("1",))), Clock(START + timedelta(hours=1))
    away, back = context(Shaky(store, 100, LEASED), connector), context(store, connector, later)
    assert await recheck_after_poll(away, source.id or 0, PollResult()) == PollResult(trouble=AWAY)
    assert await recheck_after_poll(back, source.id or 0, PollResult()) == PollResult(
        AdmitResult(gone=frozenset({ONE}), authors_to_check=(ADA,))
    )


async def test_outage_while_an_ended_source_is_looked_after_stops_no_round(
    store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, source, Page(posts=(said("1"),), refs={"1": "r1"}), START - timedelta(hours=1))
    async with store.write() as db:
        await unfollow(db, source.id or 0, by=UNNAMED)
    connector = Invented(second_look=Page(gone=("1",)))
    for after, asked in ((0, 0), (LEASED, 1)):
        away = Shaky(store, 100, after)
        assert await Intake(away, {NETWORK: connector}, Http(), clock=Clock()).poll_due() == {}
        assert connector.asked_again == [{"1": "r1"}] * asked
    assert (await words(store, wall.channel)).keys() == {ONE}


async def test_outage_that_lasts_is_the_sources_trouble_in_plain_words(
    store: Store, wall: Wall, source: Source
) -> None:
    tools = context(Shaky(store, 3), Invented(*[Page(posts=(said("1"),), cursor="c")] * 2))
    polled = await poll_source(tools, source.id or 0)
    assert polled == PollResult(trouble=f"{AWAY} The posts will be fetched again.")
    now = await source_now(store, source)
    assert (now.cursor, now.trouble) == ("", f"{AWAY} The posts will be fetched again.")
    assert (now.next_poll_at - START).total_seconds() <= 11
    await poll_source(tools, source.id or 0)
    assert (await words(store, wall.channel)).keys() == {ONE}
    assert (await source_now(store, source)).trouble == ""


async def test_scheduler_outlives_an_outage_in_which_not_even_the_trouble_can_be_noted(
    store: Store, source: Source, said_to_log: list[Any]
) -> None:
    connector = Invented(Page(posts=(said("1"),), cursor="c"))
    task = asyncio.create_task(Intake(Shaky(store, 100), {NETWORK: connector}, Http(), clock=Clock()).run())
    try:
        async with asyncio.timeout(30):
            while not any(entry["event"] == "poll failed unexpectedly" for entry in said_to_log):
                await asyncio.sleep(0.01)
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert (await source_now(store, source)).next_poll_at == START


@pytest.mark.parametrize("state", ["40P01", "40001"])
async def test_writers_in_each_others_way_are_an_outage_of_a_moment(turns: Turns, tmp_path: Path, state: str) -> None:
    store = Store(await turns.take(tmp_path))
    try:
        with pytest.raises(Outage, match=r"^Deadlock detected in the database at .*\. "):
            async with store.write() as db:
                await db.exec(text(f"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '{state}'; END $$"))  # type: ignore[call-overload]  # it knows no text
    finally:
        await store.close()
