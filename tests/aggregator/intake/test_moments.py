"""Messages in batches: what comes together is taken together, and no message before it is asked for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable

import pytest

from aggregator.intake.moments import MAX_BYTES, MAX_MESSAGES, Moments
from connectors.errors import Unavailable


class Flood:
    """A stream that always has a message. `taken` counts those that were asked for."""

    def __init__(self, messages: Iterable[bytes], end: Exception | None = None) -> None:
        self._messages, self._end = messages, end
        self.taken = 0

    async def messages(self) -> AsyncGenerator[bytes]:
        for message in self._messages:
            self.taken += 1
            yield message
        if self._end:
            raise self._end


async def test_flood_is_taken_in_bounded_batches_and_no_faster_than_asked_for() -> None:
    flood = Flood(b"x" for _ in range(10_000))
    moments = Moments(flood.messages(), moment=60.0)
    for batch in range(1, 4):
        assert await moments.take() == [b"x"] * MAX_MESSAGES
        assert flood.taken == batch * MAX_MESSAGES
    await moments.close()


async def test_large_messages_fill_a_batch_earlier() -> None:
    flood = Flood(bytes(MAX_BYTES // 2) for _ in range(5))
    moments = Moments(flood.messages(), moment=60.0)
    assert [len(await moments.take()) for _ in range(4)] == [2, 2, 1, 0]


async def test_what_has_come_is_handed_over_before_the_error_that_follows() -> None:
    moments = Moments(Flood([b"one", b"two"], Unavailable("cut")).messages(), moment=60.0)
    assert await moments.take() == [b"one", b"two"]
    with pytest.raises(Unavailable, match="cut"):
        await moments.take()
    await moments.close()
