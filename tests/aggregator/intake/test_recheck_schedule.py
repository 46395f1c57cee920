"""The schedule of rechecks: at once for missing posts, else in rounds that don't crowd a server."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from aggregator.audit.actor import UNNAMED
from aggregator.intake import Intake
from aggregator.intake.context import PollContext
from aggregator.intake.recheck import MAX_AT_ONCE, ROUND_INTERVAL, RecheckResult, recheck_source, recheck_stopped
from aggregator.intake.recheck_schedule import RecheckSchedule
from aggregator.items.ids import post_id
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import unfollow
from aggregator.walls.tables import Wall
from connectors.contract import Address, Page
from connectors.http.client import Http
from tests.aggregator.invented import NETWORK, START, Clock, Invented, a_source, bring, said, source_now, words

HOST = (NETWORK, "a.example")
OTHER = (NETWORK, "b.example")


def context(store: Store, connector: Invented) -> PollContext:
    return PollContext(
        store=store, connectors={NETWORK: connector}, http=Http(), clock=Clock(START + timedelta(hours=2))
    )


def some(count: int) -> Page:
    keys = [str(number) for number in range(count)]
    return Page(posts=tuple(said(key) for key in keys), refs={key: f"r{key}" for key in keys})


async def test_doubted_post_is_looked_at_although_it_was_seen_just_now(store: Store, source: Source) -> None:
    await bring(store, source, some(3), START + timedelta(hours=2))
    connector = Invented(second_look=Page(gone=("1",), wait=6.0))
    look = await recheck_source(context(store, connector), source.id or 0, ("r1", "r7", ""))
    assert connector.asked_again == [{"1": "r1"}]
    assert look is not None
    assert (look.admitted.gone, look.wait) == (frozenset({post_id(NETWORK, "1")}), 6.0)


async def test_doubt_about_what_was_never_brought_asks_nobody(store: Store, source: Source) -> None:
    await bring(store, source, some(1))
    connector = Invented()
    assert await recheck_source(context(store, connector), source.id or 0, ("r7",)) is None
    assert connector.asked_again == []


async def test_doubt_about_many_is_bounded(store: Store, source: Source) -> None:
    await bring(store, source, some(50))
    connector = Invented()
    await recheck_source(context(store, connector), source.id or 0, [f"r{number}" for number in range(50)])
    assert [len(asked) for asked in connector.asked_again] == [MAX_AT_ONCE]


async def test_deletion_that_a_poll_hints_at_leaves_the_wall_with_that_poll(store: Store, wall: Wall) -> None:
    await a_source(store, wall)
    deleted = asyncio.Event()

    class Quick(Invented):
        min_interval = 0.02

        async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
            page = await super().recheck(http, source, refs)
            deleted.set()
            return page

    posts = Page(posts=(said("1"), said("2")), refs={"1": "r1", "2": "r2"}, cursor="c", wait=0.02)
    connector = Quick(posts, Page(cursor="d", to_recheck=("r2",)), second_look=Page(gone=("2",)))
    task = asyncio.create_task(Intake(store, {NETWORK: connector}, Http()).run())
    try:
        async with asyncio.timeout(30):
            await deleted.wait()
            while len(await words(store, wall.channel)) > 1:
                await asyncio.sleep(0.005)
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert connector.asked_again == [{"2": "r2"}]
    assert (await words(store, wall.channel)).keys() == {post_id(NETWORK, "1")}


async def test_ended_source_has_the_patience_that_its_second_look_asks_for(store: Store, source: Source) -> None:
    await bring(store, source, some(1))
    async with store.write() as db:
        await unfollow(db, source.id or 0, by=UNNAMED)
    tools = context(store, Invented(second_look=Page(wait=300.0)))
    look = await recheck_stopped(tools, source.id or 0)
    assert look == RecheckResult(wait=300.0)
    assert (await source_now(store, source)).next_poll_at == tools.clock() + timedelta(seconds=300)


# --- whose turn it is --------------------------------------------------------------------------------------------


def test_source_has_a_round_now_and_then() -> None:
    rounds = RecheckSchedule()
    steps = [timedelta(0), timedelta(seconds=1), ROUND_INTERVAL, ROUND_INTERVAL + timedelta(seconds=1)]
    begun = []
    for step in steps:
        begun.append(rounds.begin(1, HOST, START + step))
        rounds.leave_alone(HOST, START + step, 0)
    assert begun == [True, False, True, False]


def test_server_is_asked_by_one_source_after_the_other() -> None:
    rounds = RecheckSchedule()
    assert [rounds.begin(1, HOST, START), rounds.begin(2, HOST, START), rounds.begin(3, OTHER, START)] == [
        True, False, True
    ]  # fmt: skip
    rounds.leave_alone(HOST, START, 6.0)
    found: list[Any] = [rounds.begin(2, HOST, START + timedelta(seconds=seconds)) for seconds in (5, 6, 7)]
    assert found == [False, True, False]


def test_clock_that_steps_back_ends_every_pause() -> None:
    rounds = RecheckSchedule()
    rounds.begin(1, HOST, START)
    assert rounds.begin(1, HOST, START - timedelta(hours=6))


@pytest.mark.parametrize("sources", [3, 5, 20])
def test_rounds_are_fair_between_the_sources_of_one_server(sources: int) -> None:
    """Each source polls about every twenty seconds, and a round takes two minutes: no source misses its turn."""
    rounds, chance, cost = RecheckSchedule(), Random(sources), 126.0
    due = {source: chance.uniform(0, 20) for source in range(sources)}
    last = dict.fromkeys(range(sources), 0.0)
    longest = 0.0
    while (source := min(due, key=lambda each: due[each])) is not None and due[source] < 8 * 3600:
        at = due[source]
        due[source] += chance.uniform(18, 22)
        if rounds.begin(source, HOST, START + timedelta(seconds=at)):
            rounds.leave_alone(HOST, START + timedelta(seconds=at), cost)
            longest, last[source] = max(longest, at - last[source]), at
    assert longest <= sources * (cost + 2 * 22)


def test_source_that_asks_no_more_keeps_nobody_waiting() -> None:
    rounds = RecheckSchedule()
    assert rounds.begin(1, HOST, START)
    assert not rounds.begin(2, HOST, START + timedelta(seconds=5))  # the server rests
    later = START + 2 * ROUND_INTERVAL
    assert not rounds.begin(1, HOST, later)  # the other one has waited longer
    assert rounds.begin(1, HOST, later + timedelta(minutes=5))  # it seems to be gone
