"""Counts and limits the connections of this server, per address and in total.

The total stays below the limit of open files, with a reserve for the database, pictures and outgoing requests.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import structlog

RESERVE = 256
"""Files kept free of connections; half of all if the limit is very low."""
MANY = 0.8
WARNING_INTERVAL = 60.0

log = structlog.get_logger()


class Connections:
    """The count: call `enter(address)` and, if it returned True, `leave(address)`. This machine has no limit.

    Proxies are exempt from the limit per address: all their visitors share one.
    """

    def __init__(self, total: int, per_address: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.per_address = total, per_address
        self.open = 0
        self._clock = clock
        self._exempt: list[IPv4Network | IPv6Network] = []
        self._by_address: Counter[str] = Counter()
        self._quiet_until = float("-inf")

    def exempt(self, proxies: str | Sequence[str]) -> None:
        """Exempt addresses and networks (as uvicorn lists trusted proxies) from the limit per address."""
        for text in proxies.split(",") if isinstance(proxies, str) else proxies:
            for part in ("0.0.0.0/0", "::/0") if text.strip() == "*" else (text.strip(),):
                with suppress(ValueError):  # a host name, or the path of a socket
                    self._exempt.append(ip_network(part, strict=False))

    def enter(self, address: str) -> bool:
        """Count a connection from the address; False if there are too many already."""
        name = group(address)
        if self.open >= self.total or (self._by_address[name] >= self.per_address and not self._is_exempt(address)):
            self._warn(f"Too many connections: refused one from {address}.")
            return False
        self.open += 1
        self._by_address[name] += 1
        if remark := self.remark:
            self._warn(remark)
        return True

    def leave(self, address: str) -> None:
        name = group(address)
        self.open -= 1
        self._by_address[name] -= 1
        if self._by_address[name] <= 0:
            del self._by_address[name]

    @property
    def remark(self) -> str:
        """A warning if most of the connections are in use, else empty."""
        if self.open < self.total * MANY:
            return ""
        return f"{self.open} of at most {self.total} connections are open: raise the limit of open files."

    def _is_exempt(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:  # a Unix socket
            return True
        found = (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
        return found.is_loopback or any(found in network for network in self._exempt)

    def _warn(self, sentence: str) -> None:
        if self._clock() < self._quiet_until:
            return
        self._quiet_until = self._clock() + WARNING_INTERVAL
        log.warning(sentence, open=self.open, at_most=self.total, per_address=self.per_address)


def group(address: str) -> str:
    """The address or network that counts as one visitor: an IPv4 address, or an IPv6 /64, which is one household."""
    with suppress(ValueError):
        found = ip_address(address)
        if isinstance(found, IPv6Address):
            return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))
    return address


def raise_file_limit() -> int:
    """Raise this process's soft limit of open files as far as allowed; returns the new limit."""
    try:
        import resource  # noqa: PLC0415  # Windows has none
    except ImportError:
        return 8192
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS reports a hard limit that it doesn't grant
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        return hard if hard != resource.RLIM_INFINITY else 1 << 20
    return soft


def below(file_limit: int, wanted: int) -> int:
    """The maximum number of connections: the wanted one, as far as the limit of open files allows."""
    return min(wanted, file_limit - min(RESERVE, file_limit // 2))
