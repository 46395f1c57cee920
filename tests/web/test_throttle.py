"""The rate limit per address, and the refusal of the next request."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from aggregator.audit.actor import UNNAMED
from aggregator.runtime import Runtime
from aggregator.settings import Settings
from aggregator.store.store import Store
from aggregator.walls.walls import create_wall
from web.app import create_app
from web.throttle import ADDRESSES, AT_ONCE, Throttle, Throttled


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(at_once=3, per_second=2, clock=clock)


def taken(throttle: Throttle, address: str = "a") -> int:
    """The number of requests that the address may send now."""
    count = 0
    while True:
        try:
            throttle.take(address)
        except Throttled:
            return count
        count += 1


def test_bucket_fills_again_at_its_rate_and_no_further(throttle: Throttle, clock: Clock) -> None:
    assert taken(throttle) == 3
    clock.now = 1.0
    assert taken(throttle) == 2
    clock.now = 1_000.0
    assert taken(throttle) == 3


def test_each_address_has_a_bucket_of_its_own(throttle: Throttle) -> None:
    assert (taken(throttle, "a"), taken(throttle, "b")) == (3, 3)


def test_refusal_says_when_to_try_again(clock: Clock) -> None:
    throttle = Throttle(at_once=1, per_second=0.25, clock=clock)
    throttle.take("a")
    with pytest.raises(Throttled, match="try again in 4 s") as refused:
        throttle.take("a")
    assert refused.value.wait == 4
    clock.now = 4.0
    assert taken(throttle) == 1


def test_clock_that_steps_back_refuses_no_request(throttle: Throttle, clock: Clock) -> None:
    clock.now = 1_000.0
    assert taken(throttle) == 3
    clock.now = 10.0
    assert taken(throttle) == 0
    clock.now = 11.0
    assert taken(throttle) == 2


def test_addresses_are_forgotten_beyond_a_bound(throttle: Throttle) -> None:
    assert taken(throttle, "first") == 3
    for number in range(ADDRESSES):
        throttle.take(str(number))
    assert taken(throttle, "first") == 3


async def test_new_questions_are_bounded_and_known_ones_are_not(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    app = create_app(Runtime(Settings(data_dir=tmp_path, database_url=database_url)), throttle=Throttle(clock=Clock()))
    async with store.write() as db:
        await create_wall(db, "hall", "The hall", by=UNNAMED)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hall.example") as client:
            questions = [{"before": f"2009-10-12T09:30:00.{number:06}Z"} for number in range(100)]
            asked = [client.get("/api/walls/hall/records", params=question) for question in questions]
            replies = await asyncio.gather(*asked)
            known = [await client.get("/api/walls/hall/records") for _ in range(3)]
    refused = next(reply for reply in replies if reply.status_code == 429)
    assert sum(reply.status_code == 200 for reply in replies) >= AT_ONCE
    assert (refused.headers["retry-after"], refused.headers["cache-control"]) == ("1", "no-store")
    assert refused.json() == {"detail": "Too many requests: try again in 1 s."}
    assert {reply.status_code for reply in known} == {200}


async def test_all_addresses_of_one_household_have_one_bucket(store: Store, database_url: str, tmp_path: Path) -> None:
    app = create_app(Runtime(Settings(data_dir=tmp_path, database_url=database_url)), throttle=Throttle(clock=Clock()))
    async with store.write() as db:
        await create_wall(db, "hall", "The hall", by=UNNAMED)
    statuses = []
    async with app.router.lifespan_context(app):
        for number in range(60):
            transport = httpx.ASGITransport(app, client=(f"2001:db8::{number:x}", 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://hall.example") as client:
                question = {"before": f"2009-10-12T09:30:00.{number:06}Z"}
                statuses.append((await client.get("/api/walls/hall/records", params=question)).status_code)
    assert statuses.count(200) >= AT_ONCE
    assert 429 in statuses
