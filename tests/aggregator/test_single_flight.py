"""A value is computed once for concurrent callers, cached within bounds, and renewed when it expires."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from aggregator.single_flight import SingleFlight


class Counter:
    """A function that returns 0, 1, 2 …, or raises an exception among `results`."""

    def __init__(self, *results: Exception | str) -> None:
        self.made = 0
        self.results = list(results)
        self.gate = asyncio.Event()
        self.gate.set()

    async def make(self) -> str:
        self.made += 1
        await self.gate.wait()
        await asyncio.sleep(0)
        result = self.results.pop(0) if self.results else str(self.made - 1)
        if isinstance(result, Exception):
            raise result
        return result


async def test_one_value_is_made_for_all_who_ask_meanwhile() -> None:
    counter, cache = Counter(), SingleFlight[str, str](8)
    assert await asyncio.gather(*(cache.get("a", counter.make) for _ in range(5))) == ["0"] * 5
    assert await cache.get("a", counter.make) == "0"
    assert await cache.get("b", counter.make) == "1"


async def test_value_that_is_too_old_is_made_anew_and_the_last_one_is_known_meanwhile() -> None:
    now = [0.0]
    counter, cache = Counter(), SingleFlight[str, str](8, max_age=1.0, clock=lambda: now[0])
    assert cache.last("a") is None
    assert await cache.get("a", counter.make) == "0"
    now[0] = 0.9
    assert await cache.get("a", counter.make) == "0"
    now[0] = 1.0
    assert cache.last("a") == "0"
    assert await cache.get("a", counter.make) == "1"


async def test_nothing_is_kept_where_no_age_is_allowed() -> None:
    counter, cache = Counter(), SingleFlight[None, str](1, max_age=0.0)
    assert await asyncio.gather(*(cache.get(None, counter.make) for _ in range(3))) == ["0"] * 3
    assert await cache.get(None, counter.make) == "1"


async def test_value_is_made_for_the_others_when_one_leaves() -> None:
    counter, cache = Counter(), SingleFlight[str, str](8)
    counter.gate.clear()
    leaving, staying = (asyncio.create_task(cache.get("a", counter.make)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    counter.gate.set()
    assert await staying == "0"


async def test_failure_reaches_all_who_wait_and_is_not_kept() -> None:
    counter, cache = Counter(OSError("no disk"), "made"), SingleFlight[str, str](8)
    outcomes = await asyncio.gather(*(cache.get("a", counter.make) for _ in range(2)), return_exceptions=True)
    assert [str(each) for each in outcomes] == ["no disk"] * 2
    await asyncio.sleep(0)
    assert "a" not in cache
    assert cache.last("a") is None
    assert await cache.get("a", counter.make) == "made"


@pytest.mark.parametrize(("max_items", "max_bytes"), [(2, None), (9, 2)])
async def test_value_that_was_asked_for_longest_ago_leaves_first(max_items: int, max_bytes: int | None) -> None:
    counter, cache = Counter(), SingleFlight[str, str](max_items, max_bytes=max_bytes, size=len)
    for key in ("a", "b", "a", "c"):
        await cache.get(key, counter.make)
        await asyncio.sleep(0)
    assert [key for key in "abc" if key in cache] == ["a", "c"]


async def test_value_larger_than_all_room_is_given_and_not_kept() -> None:
    counter, cache = Counter("four"), SingleFlight[str, str](9, max_bytes=3, size=len)
    make: Callable[[], Coroutine[None, None, str]] = counter.make
    assert await cache.get("a", make) == "four"
    await asyncio.sleep(0)
    assert "a" not in cache
