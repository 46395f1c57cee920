"""Two processes on one database: only one of them polls a source at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta

from aggregator.audit.actor import UNNAMED
from aggregator.intake import Intake
from aggregator.intake.context import PollContext
from aggregator.intake.lease import LEASE, leased
from aggregator.intake.poll import PollResult
from aggregator.intake.recheck import recheck_after_poll
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import unfollow
from aggregator.walls.tables import Wall
from connectors.contract import Address, Page
from connectors.http.client import Http
from tests.aggregator.intake.at_work import ByAddress, intake, running, until
from tests.aggregator.invented import NETWORK, START, Clock, Invented, bring, said, source_now


def context(store: Store, clock: Clock) -> PollContext:
    return PollContext(store=store, connectors={}, http=Http(), clock=clock, pauses=())


async def test_lease_is_one_holders_and_given_back(store: Store, source: Source) -> None:
    tools = context(store, Clock())
    async with leased(tools, source.id or 0) as first, leased(tools, source.id or 0) as second:
        assert (first, second) == (True, False)
    async with leased(tools, source.id or 0) as again:
        assert again
    assert (await source_now(store, source)).leased_until is None


async def test_lease_of_a_source_that_another_has_just_asked_is_nobodys(store: Store, source: Source) -> None:
    clock = Clock()
    async with store.write() as db:
        (await db.get_one(Source, source.id)).next_poll_at = clock() + LEASE
    async with leased(context(store, clock), source.id or 0) as held:
        assert not held
    clock.forward(LEASE.total_seconds())
    async with leased(context(store, clock), source.id or 0) as due:
        assert due


async def test_lease_that_a_kill_has_left_ends_by_itself(store: Store, source: Source) -> None:
    clock = Clock()
    async with store.write() as db:
        (await db.get_one(Source, source.id)).leased_until = clock() + LEASE
    async with leased(context(store, clock), source.id or 0) as held:
        assert not held
    clock.forward(LEASE.total_seconds())
    async with leased(context(store, clock), source.id or 0) as free:
        assert free


async def test_lease_of_a_clock_that_has_stepped_back_keeps_nobody(store: Store, source: Source) -> None:
    clock = Clock()
    async with store.write() as db:
        (await db.get_one(Source, source.id)).leased_until = clock() + 1_000 * LEASE
    async with leased(context(store, clock), source.id or 0) as free:
        assert free


async def test_source_is_asked_by_one_of_two_processes_at_a_time(store: Store, source: Source) -> None:
    network = ByAddress()
    async with running(intake(store, network)), running(intake(store, network)):
        await until(lambda: network.polls.get(source.value, 0) >= 10)
    assert network.most_of_one == 1


async def test_rounds_of_two_processes_poll_each_source_once(store: Store, source: Source) -> None:
    connector = Invented(Page(cursor="c"), Page(cursor="d"))
    clock = Clock()
    processes = [Intake(store, {NETWORK: connector}, Http(), clock=clock) for _ in range(2)]
    came = await asyncio.gather(*(process.poll_due() for process in processes))
    assert len(connector.cursors) == 1
    assert sum(polled is not None for results in came for polled in results.values()) == 1


async def test_lease_that_was_lost_is_not_given_back(store: Store, source: Source) -> None:
    """A process that was frozen for longer than a lease leaves it to the new holder."""
    clock = Clock()
    tools = context(store, clock)
    frozen, second = AsyncExitStack(), AsyncExitStack()
    assert await frozen.enter_async_context(leased(tools, source.id or 0))
    clock.forward(LEASE.total_seconds() + 1)
    assert await second.enter_async_context(leased(tools, source.id or 0))
    held_until = (await source_now(store, source)).leased_until
    await frozen.aclose()
    assert held_until is not None
    assert (await source_now(store, source)).leased_until == held_until
    await second.aclose()
    assert (await source_now(store, source)).leased_until is None


async def test_source_that_is_not_due_may_be_asked_but_by_one_at_a_time(store: Store, source: Source) -> None:
    clock = Clock()
    async with store.write() as db:
        (await db.get_one(Source, source.id)).next_poll_at = clock() + 10 * LEASE
    tools = context(store, clock)
    async with leased(tools, source.id or 0, due=False) as first, leased(tools, source.id or 0, due=False) as second:
        assert (first, second) == (True, False)


async def test_source_that_has_ended_is_looked_after_by_one_of_two_processes(
    store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, source, Page(posts=(said("1"),), refs={"1": "r1"}), START - timedelta(hours=1))
    async with store.write() as db:
        await unfollow(db, source.id or 0, by=UNNAMED)
    connector = Invented(second_look=Page(gone=("1",)))
    clock = Clock()
    processes = [Intake(store, {NETWORK: connector}, Http(), clock=clock) for _ in range(2)]
    await asyncio.gather(*(process.poll_due() for process in processes))
    assert connector.asked_again == [{"1": "r1"}]


async def test_one_source_is_polled_now_unless_another_process_asks(store: Store, wall: Wall, source: Source) -> None:
    connector = Invented(Page(posts=(said("1"),), cursor="c"))
    clock = Clock()
    process = Intake(store, {NETWORK: connector}, Http(), clock=clock)
    async with leased(context(store, clock), source.id or 0):
        assert await process.poll_now(source.id or 0) is None
    polled = await process.poll_now(source.id or 0)
    assert polled is not None
    assert len(polled.admitted.new) == 1


async def test_recheck_is_not_asked_while_another_process_asks_the_same_source(store: Store, source: Source) -> None:
    """Else both would ask the server for the same posts, which are marked as checked only afterwards."""

    class Slow(Invented):
        gate = asyncio.Event()

        async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
            found = await super().recheck(http, source, refs)
            await self.gate.wait()
            return found

    await bring(store, source, Page(posts=(said("1"),), refs={"1": "r1"}), START - timedelta(hours=1))
    clock, network = Clock(), Slow()
    tools = PollContext(store=store, connectors={NETWORK: network}, http=Http(), clock=clock, pauses=())
    first = asyncio.create_task(recheck_after_poll(tools, source.id or 0, PollResult()))
    await until(lambda: bool(network.asked_again))
    assert await Intake(store, {NETWORK: network}, Http(), clock=clock).poll_now(source.id or 0) is None
    assert await recheck_after_poll(tools, source.id or 0, PollResult()) == PollResult()
    network.gate.set()
    await first
    assert network.asked_again == [{"1": "r1"}]
