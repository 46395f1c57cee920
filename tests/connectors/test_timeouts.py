"""The time-out of a call, which is paused while the call waits for others; also once it has ended."""

from __future__ import annotations

import asyncio

import pytest

from connectors.timeouts import pausable_timeout, paused_timeout


async def test_pause_does_not_count() -> None:
    now = asyncio.get_running_loop().time
    async with pausable_timeout(60) as timeout:
        before, began = timeout.when() or 0, now()
        with paused_timeout():
            assert timeout.when() is None
            inside = now()
            await asyncio.sleep(0)
            ended = now()
        later = (timeout.when() or 0) - before
        assert ended - inside <= later <= now() - began


async def test_time_counts_again_once_the_last_of_several_waits_has_ended() -> None:
    gates = [asyncio.Event(), asyncio.Event()]

    async def wait(gate: asyncio.Event) -> None:
        with paused_timeout():
            await gate.wait()

    async with pausable_timeout(60) as timeout, asyncio.TaskGroup() as group:
        tasks = [group.create_task(wait(gate)) for gate in gates]
        await asyncio.sleep(0)
        gates[0].set()
        await tasks[0]
        assert timeout.when() is None
        gates[1].set()
        await tasks[1]
        assert timeout.when() is not None


async def test_call_that_has_timed_out_may_wait_for_others_while_it_ends() -> None:
    async def call() -> None:
        async with pausable_timeout(0):
            try:
                await asyncio.Event().wait()
            finally:
                with paused_timeout():
                    await asyncio.sleep(0)

    with pytest.raises(TimeoutError):
        await call()


async def test_wait_may_outlive_its_call() -> None:
    gate, waits = asyncio.Event(), asyncio.Event()

    async def wait() -> str:
        with paused_timeout():
            waits.set()
            await gate.wait()
        return "done"

    async with pausable_timeout(60):
        task = asyncio.create_task(wait())
        await waits.wait()
    gate.set()
    assert await task == "done"


async def test_wait_outside_a_call_is_just_a_wait() -> None:
    with paused_timeout():
        await asyncio.sleep(0)
