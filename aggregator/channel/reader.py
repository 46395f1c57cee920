"""One reader of a channel: its position, its `write`, and whether its transport is full."""

from __future__ import annotations

from collections.abc import Callable


def _nowhere(_frame: bytes) -> None:
    """Discard a frame for a reader whose transport is closed."""


class Reader:
    """A position on the channel, and a `write` that never waits.

    `write` takes a whole WebSocket frame. While the reader is `full`, nothing is written, so its transport's buffer
    bounds its memory. Once drained, it catches up from its own `seq`.
    """

    __slots__ = ("behind", "catch_up", "full", "seq", "write")

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.write = write
        self.seq = 0
        self.full = False
        self.behind = True
        self.catch_up: Callable[[Reader], None] | None = None

    def filled(self) -> None:
        """Note that the transport's buffer is full."""
        self.full = True

    def drained(self) -> None:
        """Note that the transport has room again, and catch up."""
        self.full = False
        if self.behind and self.catch_up is not None:
            self.catch_up(self)

    def lost(self) -> None:
        """Note that the transport is closed; writing to it would raise, and disturb the other readers of a frame."""
        self.write = _nowhere
