"""Where this server is found: what to type into a browser, here and on another device."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from aggregator.settings import Settings

LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # recognised, not bound
FAR = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Nobody's addresses (RFC 5737, RFC 3849): the way to them is that of this machine's network."""


def base_address(settings: Settings, host: str, port: int) -> str:
    """The public address where one is set, else that of a server which listens at this host and port."""
    if settings.public_url:
        return settings.public_url
    return address("localhost" if is_local(host) or host in EVERYWHERE else host, port)


def address(host: str, port: int, scheme: str = "http") -> str:
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def is_local(host: str) -> bool:
    """Whether only this machine means itself by that name."""
    return host.lower() in LOCAL or host.startswith("127.")


def network_hosts(host: str) -> list[str]:
    """What other devices call a server that listens at `host`: nothing where only this machine reaches it."""
    if is_local(host):
        return []
    return list(_own_addresses(host)) if host in EVERYWHERE else [host]


def _own_addresses(host: str) -> Iterator[str]:
    """This machine's addresses on its network. Asking the way sends nothing; without a network there is none."""
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
