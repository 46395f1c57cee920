"""The addresses of this server, for browsers on this machine and on other devices."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from aggregator.settings import Settings

LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # recognised, not bound
FAR = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Documentation addresses (RFC 5737, RFC 3849): their route is that of any host on the internet."""


def base_address(settings: Settings, host: str, port: int) -> str:
    """The public URL if one is set, else the URL for this host and port."""
    if settings.public_url:
        return settings.public_url
    return address("localhost" if is_local(host) or host in EVERYWHERE else host, port)


def address(host: str, port: int, scheme: str = "http") -> str:
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def is_local(host: str) -> bool:
    """Whether the host is this machine's own loopback."""
    return host.lower() in LOCAL or host.startswith("127.")


def network_hosts(host: str) -> list[str]:
    """The hosts by which other devices reach a server that listens at `host`; none for a loopback host."""
    if is_local(host):
        return []
    return list(_own_addresses(host)) if host in EVERYWHERE else [host]


def _own_addresses(host: str) -> Iterator[str]:
    """The addresses of this machine on its network, if any. Looking up the route sends no packet."""
    for family, far in FAR.items():
        if family == socket.AF_INET6 and host == "0.0.0.0":  # noqa: S104  # recognised, not bound
            continue
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as asking:
                asking.connect((far, 9))
                own: str = asking.getsockname()[0]
        except OSError:
            continue
        if not is_local(own):
            yield own
