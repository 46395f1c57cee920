"""The messages of a stream in batches, each of one moment: what is not taken yet waits at the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

MOMENT = 0.01
"""Seconds for which a batch waits for more messages after its first. What comes while it is stored is the next one."""
MAX_MESSAGES = 200
MAX_BYTES = 2 * 1024 * 1024
"""Bytes after which a batch waits for no further message; one message may be larger."""


class Moments:
    """Batches of the messages of a stream, which is asked for one message at a time."""

    def __init__(self, messages: AsyncGenerator[bytes], moment: float = MOMENT) -> None:
        self._messages = messages
        self._moment = moment
        self._coming: asyncio.Task[bytes | None] | None = None

    async def take(self) -> list[bytes]:
        """Return the next batch; empty at the end of the stream. Raises what the stream raises, after its messages."""
        batch: list[bytes] = []
        size, until = 0, None
        loop = asyncio.get_running_loop()
        while len(batch) < MAX_MESSAGES and size < MAX_BYTES:
            coming = self._coming = self._coming or asyncio.ensure_future(_next(self._messages))
            await asyncio.wait([coming], timeout=None if until is None else max(0.0, until - loop.time()))
            if not coming.done():
                break
            if batch and (coming.cancelled() or coming.exception() or coming.result() is None):
                break  # what has come is handed over first
            self._coming = None
            message = coming.result()
            if message is None:
                return []
            batch.append(message)
            size += len(message)
            until = until or loop.time() + self._moment
        return batch

    async def close(self) -> None:
        """End the stream, and drop the message that is awaited."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.wait([self._coming])
            if not self._coming.cancelled():
                self._coming.exception()  # it is known to have failed, and nobody asks any more
        with suppress(RuntimeError):  # it has ended already
            await self._messages.aclose()


async def _next(messages: AsyncGenerator[bytes]) -> bytes | None:
    return await anext(messages, None)
