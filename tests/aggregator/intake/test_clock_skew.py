"""A clock that is set back: no source waits until it catches up."""

from datetime import timedelta
from random import Random

import pytest

from aggregator.intake import Intake
from aggregator.intake.clock_skew import CHECK_INTERVAL, TOLERANCE, ClockSkew
from aggregator.intake.context import PollContext
from aggregator.intake.recheck import recheck_source
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import end
from aggregator.walls.tables import Wall
from connectors.contract import Page
from connectors.errors import RateLimited
from connectors.http.client import Http
from tests.aggregator.invented import NETWORK, START, Clock, Invented, a_source, bring, said, source_now

STEP = 6 * 3600.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


def intake(store: Store, connector: Invented, clock: Clock) -> Intake:
    return Intake(store, {NETWORK: connector}, Http(), clock=clock, random=Random(1))


async def test_source_is_polled_on_after_the_clock_has_stepped_back(store: Store, source: Source, clock: Clock) -> None:
    connector = Invented(Page(cursor="c1", wait=60.0), Page(cursor="c2", wait=60.0))
    polling = intake(store, connector, clock)
    await polling.poll_due()
    clock.forward(-STEP)
    assert await polling.poll_due() == {}
    now = await source_now(store, source)
    assert (now.polled_at, now.next_poll_at) == (clock.moment, clock.moment + timedelta(seconds=60))
    clock.forward(60)
    assert (await polling.poll_due()).keys() == {source.id}
    assert connector.cursors == ["", "c1"]


async def test_patience_that_a_server_asked_for_is_kept(store: Store, source: Source, clock: Clock) -> None:
    polling = intake(store, Invented(RateLimited("Slow down.", 7200.0)), clock)
    await polling.poll_due()
    clock.forward(-STEP)
    await polling.poll_due()
    now = await source_now(store, source)
    assert (now.next_poll_at, now.trouble) == (clock.moment + timedelta(seconds=7200), "Slow down.")


async def test_step_that_happened_while_nobody_polled_is_seen_at_the_start(
    store: Store, source: Source, clock: Clock
) -> None:
    await intake(store, Invented(Page(wait=10.0)), clock).poll_due()
    clock.forward(-STEP)
    await intake(store, Invented(), clock).poll_due()
    assert (await source_now(store, source)).next_poll_at == clock.moment + timedelta(seconds=10)


async def test_new_source_is_due_at_once_whatever_the_clock_said_when_it_was_followed(
    store: Store, wall: Wall, clock: Clock
) -> None:
    early = await a_source(store, wall, "early", at=START + timedelta(days=1))
    assert (await intake(store, Invented(), clock).poll_due()).keys() == {early.id}


async def test_source_that_has_ended_is_looked_after_on(store: Store, source: Source, clock: Clock) -> None:
    async with store.write() as db:
        ended = await db.get_one(Source, source.id)
        await end(db, ended)
        ended.polled_at, ended.next_poll_at = START, START + timedelta(minutes=2)
    clock.forward(-STEP)
    assert await ClockSkew(PollContext(store=store, connectors={}, http=Http(), clock=clock)).check() == [source.id]
    assert (await source_now(store, source)).next_poll_at == clock.moment + timedelta(minutes=2)


async def test_small_step_changes_nothing(store: Store, source: Source, clock: Clock) -> None:
    polling = intake(store, Invented(Page(wait=60.0)), clock)
    await polling.poll_due()
    clock.forward(-TOLERANCE.total_seconds())
    await polling.poll_due()
    assert (await source_now(store, source)).polled_at == START


async def test_store_is_looked_at_once_a_minute_and_when_the_clock_goes_back(
    store: Store, source: Source, clock: Clock
) -> None:
    """Otherwise two pollers whose clocks differ by minutes would hurry each other's sources forever."""
    setback = ClockSkew(PollContext(store=store, connectors={}, http=Http(), clock=clock))

    async def polled_ahead() -> None:
        async with store.write() as db:
            current = await db.get_one(Source, source.id)
            current.polled_at = clock.moment + timedelta(minutes=5)

    found = []
    for seconds in (0.0, 1.0, CHECK_INTERVAL.total_seconds(), -2.0):
        await polled_ahead()
        clock.forward(seconds)
        found.append(await setback.check())
    assert found == [[source.id], [], [source.id], [source.id]]


async def test_post_that_was_seen_in_the_future_is_looked_at_again(store: Store, source: Source, clock: Clock) -> None:
    await bring(store, source, Page(posts=(said("1"),), refs={"1": "r1"}), START)
    clock.forward(-STEP)
    connector = Invented()
    context = PollContext(store=store, connectors={NETWORK: connector}, http=Http(), clock=clock)
    await recheck_source(context, source.id or 0)
    assert connector.asked_again == [{"1": "r1"}]
