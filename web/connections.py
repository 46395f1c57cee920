"""How many connections are open, in all and from one address, and how long a slow one may take. No HTTP here.

Bounds are there so that one client cannot take a place from all others: silent connections cost files and memory.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Protocol

import structlog

RESERVE = 200
"""Files that are not for connections: the database's, pictures', sources', processes that read for us."""
FEWEST = 100
"""Connections that are allowed whatever the system's bound is."""
BUSY = 0.8
WARN_EVERY = 60.0
"""Seconds between two warnings in the log."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Limits:
    """Seconds, bytes and numbers that a connection is held to.

    `head`: seconds to a complete header. `body`: seconds from there to the end of the request. `drain`: seconds in
    which something that we write must arrive. `header_bytes` and `headers` of one request; `send_buffer` bytes in the
    kernel. `frames` that a WebSocket may send at once, `frames_per_second` in the long run. `per_address` and `total`
    connections; this machine's own address, where a reverse proxy lives, is bound by the total alone.
    """

    head: float = 10.0
    body: float = 30.0
    drain: float = 20.0
    header_bytes: int = 32 * 1024
    headers: int = 100
    send_buffer: int = 128 * 1024
    frames: int = 100
    frames_per_second: float = 10.0
    per_address: int = 1_000
    total: int = 10_000


class Guest(Protocol):
    """A connection that can be let go."""

    def let_go(self) -> None: ...


class Connections:
    """Ask `enter` for each new connection, and say `leave` when it is gone.

    `waiting` are those that have not asked for anything yet, oldest first: where there is no place left, the oldest of
    them makes room.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.waiting: OrderedDict[Guest, None] = OrderedDict()
        self._clock = clock
        self._by_address: Counter[str] = Counter()
        self._open = 0
        self._warned_at = -WARN_EVERY

    @property
    def open(self) -> int:
        return self._open

    @property
    def remark(self) -> str:
        """A sentence for those who run the server, once it is nearly full; else empty."""
        if self._open < BUSY * self.limits.total:
            return ""
        return (
            f"{self._open} of {self.limits.total} possible connections are open: raise the limit of open files "
            "(ulimit -n), or put a reverse proxy or another server beside this one."
        )

    def enter(self, guest: Guest, address: str) -> bool:
        """Whether there is a place for a connection from there. Then `leave` must follow."""
        name = _group(address)
        if name and self._by_address[name] >= self.limits.per_address:
            return False
        if self._open >= self.limits.total and not self._make_room():
            return False
        self._open += 1
        self._by_address[name] += 1
        self.waiting[guest] = None
        self._warn()
        return True

    def has_asked(self, guest: Guest) -> None:
        self.waiting.pop(guest, None)

    def leave(self, guest: Guest, address: str) -> None:
        self.waiting.pop(guest, None)
        name = _group(address)
        self._open -= 1
        self._by_address[name] -= 1
        if self._by_address[name] <= 0:
            del self._by_address[name]

    def _make_room(self) -> bool:
        if not self.waiting:
            return False
        oldest, _ = self.waiting.popitem(last=False)
        oldest.let_go()
        return True

    def _warn(self) -> None:
        if self.remark and self._clock() - self._warned_at >= WARN_EVERY:
            self._warned_at = self._clock()
            log.warning("connections nearly used up", open=self._open, limit=self.limits.total)


def _group(address: str) -> str:
    """One client: an IPv4 address, or the /64 network that an IPv6 client has to itself. Empty for this machine."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if found.is_loopback:
        return ""
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or (int(found) >> 64))
    return str(found)


def raise_file_limit() -> int:
    """Let this process open as many files as the system allows it; returns how many connections that leaves."""
    if sys.platform == "win32":
        return Limits.total
    import resource  # noqa: PLC0415 (POSIX only)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else max(soft, 1_048_576)
    if soft != wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (ValueError, OSError):  # some systems promise more than they give
            pass
    return max(FEWEST, min(soft - RESERVE, 200_000))
