"""The time-out of a call, which stands still while the sandbox reads other callers' bytes."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from connectors.sandbox import Call, Done, Failed, Sandbox
from connectors.timeouts import pausable_timeout, paused_timeout


class Busy(Sandbox):
    """A sandbox whose process answers once it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.free = asyncio.Event()

    async def _ask(self, call: Call) -> Done | Failed:
        self.asked.append(call.function)
        await self.free.wait()
        return Done(msgspec.Raw(msgspec.msgpack.encode(call.function)))


async def first(sandbox: Sandbox) -> str:
    return await sandbox.run(len, returns=str, raises=ValueError)


async def second(sandbox: Sandbox) -> str:
    async with pausable_timeout(0.05):
        return await sandbox.run(max, returns=str, raises=ValueError)


async def test_waiting_for_a_turn_takes_no_patience() -> None:
    sandbox = Busy()
    async with asyncio.TaskGroup() as group:
        ahead, behind = group.create_task(first(sandbox)), group.create_task(second(sandbox))
        await asyncio.sleep(0.2)
        assert sandbox.asked == ["len"]
        sandbox.free.set()
    assert (ahead.result(), behind.result()) == ("len", "max")


async def test_time_out_goes_on_once_no_task_waits() -> None:
    async with pausable_timeout(60) as timeout:
        due = timeout.when() or 0
        with paused_timeout():
            with paused_timeout():
                assert timeout.when() is None
            assert timeout.when() is None
        assert (timeout.when() or 0) >= due


async def test_patience_ends_in_ones_own_turn() -> None:
    with pytest.raises(TimeoutError):
        await second(Busy())


async def test_caller_that_gives_up_takes_no_turn() -> None:
    sandbox = Busy()
    async with asyncio.TaskGroup() as group:
        group.create_task(first(sandbox))
        behind = group.create_task(second(sandbox))
        await asyncio.sleep(0)
        behind.cancel()
        sandbox.free.set()
    assert sandbox.asked == ["len"]
    assert await first(sandbox) == "len"
