"""What many ask for at the same moment is made once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """`get()` joins a making that is on its way, and begins another where there is none. What it raises, all get."""

    def __init__(self, make: Callable[[], Awaitable[T]]) -> None:
        self._make = make
        self._making: asyncio.Task[T] | None = None

    async def get(self) -> T:
        if self._making is None or self._making.done():
            self._making = asyncio.create_task(self._start())
        return await asyncio.shield(self._making)

    async def _start(self) -> T:
        return await self._make()
