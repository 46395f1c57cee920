"""One reader as a channel sees it: its place, a way to write to it, and whether it has room.

It knows no socket: whoever has one says when it is full, drained or lost.
"""

from __future__ import annotations

from collections.abc import Callable


def _nowhere(_frame: bytes) -> None:
    """Where frames go that nobody is there to read."""


class Reader:
    """A place on the channel, and a way to write there that never waits.

    `write` takes a whole WebSocket frame. While the reader is `full` nothing is written: its lag is bounded by what
    its transport holds. Once it has drained, it is served from its own `seq`.
    """

    __slots__ = ("behind", "catch_up", "full", "seq", "write")

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.write = write
        self.seq = 0
        self.full = False
        self.behind = True
        self.catch_up: Callable[[Reader], None] | None = None

    def filled(self) -> None:
        """The transport holds as much as we allow."""
        self.full = True

    def drained(self) -> None:
        """The transport has room again."""
        self.full = False
        if self.behind and self.catch_up is not None:
            self.catch_up(self)

    def lost(self) -> None:
        """The transport is closed: it would refuse the next frame, and that must not reach those who share it."""
        self.write = _nowhere
