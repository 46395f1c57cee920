"""What many ask for at the same moment is made once."""

from __future__ import annotations

import asyncio

import pytest

from web.once import Once


async def test_once_makes_one_thing_for_all_who_ask_meanwhile() -> None:
    made: list[int] = []

    async def make() -> int:
        await asyncio.sleep(0)
        made.append(len(made))
        return made[-1]

    once = Once(make)
    assert await asyncio.gather(*(once.get() for _ in range(5))) == [0] * 5
    assert await once.get() == 1


async def test_once_goes_on_for_the_others_when_one_leaves() -> None:
    gate = asyncio.Event()

    async def make() -> str:
        await gate.wait()
        return "made"

    once = Once(make)
    leaving, staying = (asyncio.create_task(once.get()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    gate.set()
    assert await staying == "made"


async def test_once_tries_again_after_a_failure() -> None:
    results: list[Exception | str] = [OSError("away"), "made"]

    async def make() -> str:
        result = results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    once = Once(make)
    with pytest.raises(OSError, match="away"):
        await once.get()
    assert await once.get() == "made"
