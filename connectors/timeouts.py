"""The time-out of a call to a connector, without the time in which it waits for other callers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar


class _Timeout:
    """A time-out, paused while any of its tasks waits."""

    def __init__(self, timeout: asyncio.Timeout) -> None:
        self.timeout = timeout
        self.waiting = 0
        self.left = 0.0


_current: ContextVar[_Timeout | None] = ContextVar("call_timeout", default=None)


@asynccontextmanager
async def pausable_timeout(seconds: float) -> AsyncIterator[asyncio.Timeout]:
    """A time-out of so many seconds, which `paused_timeout` pauses. Raises TimeoutError."""
    async with asyncio.timeout(seconds) as timeout:
        token = _current.set(_Timeout(timeout))
        try:
            yield timeout
        finally:
            _current.reset(token)


@contextmanager
def paused_timeout() -> Iterator[None]:
    """Pause the time-out of the current call within this context, where it waits for other callers."""
    current = _current.get()
    if current is None:
        yield
        return
    now = asyncio.get_running_loop().time
    if not current.waiting:
        current.left = (current.timeout.when() or now()) - now()
        with suppress(RuntimeError):  # it has ended already
            current.timeout.reschedule(None)
    current.waiting += 1
    try:
        yield
    finally:
        current.waiting -= 1
        if not current.waiting:
            with suppress(RuntimeError):  # it has ended meanwhile
                current.timeout.reschedule(now() + current.left)
