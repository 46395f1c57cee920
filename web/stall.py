"""Stalled connections, whose peer reads nothing: bounds their buffer in the kernel and resets them."""

from __future__ import annotations

import asyncio
import socket
import struct
from asyncio import Transport
from collections.abc import Callable
from contextlib import suppress

CHECKS = 3
"""Consecutive checks that must find a connection stalled."""


def bound_send_buffer(transport: Transport, size: int) -> None:
    with suppress(OSError, AttributeError):  # not every transport has such a socket
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)


def reset(transport: Transport) -> None:
    """Abort the connection, and make the kernel drop its buffer, which it would otherwise resend for minutes."""
    with suppress(OSError, AttributeError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class StallWatch:
    """Resets `transport` once `is_stalled` is true in CHECKS consecutive checks, spread over `seconds`."""

    def __init__(self, transport: Transport, seconds: float, is_stalled: Callable[[], bool]) -> None:
        self._transport = transport
        self._is_stalled = is_stalled
        self._interval = seconds / CHECKS
        self._seen = 0
        self._timer = asyncio.get_running_loop().call_later(self._interval, self._check)

    def _check(self) -> None:
        self._seen = self._seen + 1 if self._is_stalled() else 0
        if self._seen >= CHECKS:
            reset(self._transport)
            return
        self._timer = asyncio.get_running_loop().call_later(self._interval, self._check)

    def stop(self) -> None:
        self._timer.cancel()


class Progress:
    """The progress of a transport's buffer. It is exact as long as nothing is written to a buffer that isn't empty."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._last = 0

    def is_stalled(self) -> bool:
        waiting, last = self._transport.get_write_buffer_size(), self._last
        self._last = waiting
        return 0 < last <= waiting
