"""A lease in a row: held by one at a time, renewed while it is held, and never left behind by who is cancelled."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlmodel import col

from aggregator.channel.tables import ConsumerLease
from aggregator.store.lease import LEASE, Lease
from aggregator.store.store import Store
from aggregator.timestamps import now

ROW = col(ConsumerLease.name) == "row"


@pytest.fixture
async def store(store: Store) -> Store:
    async with store.write() as db:
        db.add(ConsumerLease(name="row"))
    return store


def lease(store: Store, ahead: timedelta = timedelta(), renew_interval: float = 4.0) -> Lease:
    return Lease(store, lambda: now() + ahead, ConsumerLease, ROW, renew_interval=renew_interval)


async def until(store: Store) -> datetime | None:
    async with store.read() as db:
        return (await db.get_one(ConsumerLease, "row")).leased_until


async def test_lease_is_held_by_one_at_a_time(store: Store) -> None:
    async with lease(store).hold() as first, lease(store).hold() as second:
        assert (first, second) == (True, False)
    assert await until(store) is None


async def test_lease_is_not_taken_where_a_condition_does_not_hold(store: Store) -> None:
    async with lease(store).hold(col(ConsumerLease.name) == "another") as held:
        assert not held


async def test_lease_expires_where_its_holder_was_killed(store: Store) -> None:
    async with store.write() as db:
        (await db.get_one(ConsumerLease, "row")).leased_until = now() + LEASE
    async with lease(store).hold() as early, lease(store, LEASE).hold() as late:
        assert (early, late) == (False, True)


async def test_lease_is_renewed_while_it_is_held(store: Store) -> None:
    async with lease(store, renew_interval=0.01).hold():
        first = await until(store)
        async with asyncio.timeout(30):
            while await until(store) == first:
                await asyncio.sleep(0.01)


async def test_holder_that_is_cancelled_while_releasing_is_cancelled(store: Store) -> None:
    async def hold() -> None:
        async with lease(store, renew_interval=0).hold():
            await asyncio.sleep(0.005)
        await asyncio.sleep(3600)

    for milliseconds in range(5, 25):
        task = asyncio.create_task(hold())
        await asyncio.sleep(milliseconds / 1000)
        task.cancel()
        await asyncio.wait([task], timeout=2)
        assert task.cancelled()
        assert await until(store) is None


async def test_lease_is_released_by_who_is_cancelled_while_taking_it(store: Store) -> None:
    async def hold() -> None:
        async with lease(store).hold():
            await asyncio.sleep(3600)

    for milliseconds in range(12):
        task = asyncio.create_task(hold())
        await asyncio.sleep(milliseconds / 1000)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert await until(store) is None
