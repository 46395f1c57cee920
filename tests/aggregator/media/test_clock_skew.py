"""A clock that is set back: pictures that were leased or requested before are due again in time."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator import timestamps
from aggregator.media.circuit_breaker import MAX_MISSES, Host
from aggregator.media.pictures import LEASE, MAX_WAIT, SKEW, Wanted, are_due, failed, picture_id, take
from aggregator.store.store import Store
from tests.aggregator.media.room import Posts, want_for

URL = "https://a.example/1.png"
STEP = timedelta(hours=6)


async def due(store: Store, at: datetime) -> bool:
    async with store.read() as db:
        return await are_due(db, at)


async def wish(store: Store, posts: Posts) -> None:
    await posts("post")
    async with store.write() as db:
        await want_for(db, "post", Wanted("feeds", URL, "picture"))


async def test_wanted_picture_is_due_although_it_was_wanted_in_the_future(store: Store, posts: Posts) -> None:
    await wish(store, posts)
    assert await due(store, timestamps.now() - STEP)


async def test_lease_ends_within_two_minutes_although_it_was_taken_in_the_future(store: Store, posts: Posts) -> None:
    await wish(store, posts)
    at = timestamps.now()
    async with store.write() as db:
        await take(db, at, 1)
    assert [await due(store, at - step) for step in (SKEW, SKEW + timedelta(microseconds=1))] == [False, True]


async def test_picture_that_a_host_asked_to_wait_for_waits_for_a_day_at_most(store: Store, posts: Posts) -> None:
    await wish(store, posts)
    at = timestamps.now() + LEASE
    async with store.write() as db:
        await failed(db, picture_id("feeds", URL, "picture"), "Not now.", at, wait=MAX_WAIT)
    assert [await due(store, at - step) for step in (timedelta(0), timedelta(microseconds=1))] == [False, True]


def test_silence_that_began_in_the_future_is_over() -> None:
    host, at = Host(), timestamps.now()
    for _ in range(MAX_MISSES):
        host.missed(at)
    assert [host.is_silent(at), host.is_silent(at - STEP)] == [True, False]
