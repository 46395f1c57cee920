"""Connections whose peer takes nothing: a small buffer in the kernel, and an end to waiting for it to drain."""

from __future__ import annotations

import asyncio
import socket
import struct
from asyncio import Transport
from collections.abc import Callable
from contextlib import suppress

LOOKS = 3
"""So many looks in a row must find the connection stalled."""


def bound_send_buffer(transport: Transport, size: int) -> None:
    with suppress(OSError, AttributeError):  # a transport of another kind has no such socket
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)


def reset(transport: Transport) -> None:
    """Abort, and have the kernel drop what it still holds: closed alone, it would offer that for minutes."""
    with suppress(OSError, AttributeError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class StallWatch:
    """Resets `transport` once `is_stalled` has said yes at LOOKS looks in a row, which are spread over `seconds`."""

    def __init__(self, transport: Transport, seconds: float, is_stalled: Callable[[], bool]) -> None:
        self._transport = transport
        self._is_stalled = is_stalled
        self._interval = seconds / LOOKS
        self._seen = 0
        self._timer = asyncio.get_running_loop().call_later(self._interval, self._look)

    def _look(self) -> None:
        self._seen = self._seen + 1 if self._is_stalled() else 0
        if self._seen >= LOOKS:
            reset(self._transport)
            return
        self._timer = asyncio.get_running_loop().call_later(self._interval, self._look)

    def stop(self) -> None:
        self._timer.cancel()


class Progress:
    """Whether a transport's buffer moves. True to the byte where nothing is added while something waits in it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._last = 0

    def is_stalled(self) -> bool:
        waiting, last = self._transport.get_write_buffer_size(), self._last
        self._last = waiting
        return 0 < last <= waiting
