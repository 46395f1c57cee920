"""From where somebody acts: the shortened address of the connection that a request came by.

It belongs to the connection and not to the act, so that it does not pass through each verb: whoever serves a request
sets it, and the audit trail reads it. Acts of workers and of the command line have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

IPV4_PREFIX: Final = 24
IPV6_PREFIX: Final = 48
"""Bits that are kept: a network that many share, as a provider gives it to a hall, a company or a home."""
ADDRESS_LIFETIME: Final = timedelta(days=90)
"""How long the audit trail keeps the address of an act."""

_address: ContextVar[str] = ContextVar("address", default="")


def shortened(address: str) -> str:
    """Return the network of an address, such as 203.0.113.0/24; empty for what is not an address."""
    try:
        host = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(host, IPv6Address) and host.ipv4_mapped is not None:
        host = host.ipv4_mapped
    return str(ip_network((host, IPV4_PREFIX if host.version == 4 else IPV6_PREFIX), strict=False))  # noqa: PLR2004  # IPv4


@contextmanager
def acting_from(address: str) -> Iterator[None]:
    """Let the entries that are written in this block have this address, shortened."""
    token = _address.set(shortened(address))
    try:
        yield
    finally:
        _address.reset(token)


def current_address() -> str:
    """Return the shortened address that the present act comes from; empty if there is none."""
    return _address.get()
