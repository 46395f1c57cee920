"""The guard against server-side request forgery: it checks an address at the moment of connecting.

It resolves host names and connects to the very address that it has checked, so that a name cannot point elsewhere
in between.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

import httpcore
import httpx
from httpcore import AsyncNetworkBackend, AsyncNetworkStream

from connectors.errors import Forbidden
from connectors.text.hosts import split_port

Permit = Callable[[str, int], Awaitable[bool]]
"""Decides whether a listed private host may be reached at this port."""
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: how a host without IPv4 reaches every IPv4-only server
BLOCKED_NETWORKS: Final = tuple(
    ip_network(block)
    for block in (
        "192.0.0.0/24",  # protocol assignments; some clouds keep their metadata there
        "192.88.99.0/24",  # 6to4 relays, withdrawn by RFC 7526
        "168.63.129.16/32",  # a cloud's own metadata and DNS address inside public space
        "::/96",  # IPv4-compatible, withdrawn; `::` and `::1` too
        "64:ff9b:1::/48",  # NAT64 for local use, RFC 8215: its targets are unknown
        "2001::/23",  # protocol assignments; Teredo tunnels carry an IPv4 address of the sender's choice
        "2002::/16",  # 6to4, likewise
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local, withdrawn
    )
)
"""Blocks without public servers that Python's `is_global` lets through."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of `host`, as the operating system orders them. Raises OSError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except ValueError as error:  # a label that is too long, or a NUL in it
        raise OSError(f"“{host[:80]}” is not a host name") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is public: not private, loopback, link-local, multicast, reserved or a tunnel."""
    address = _unwrap(address)
    if any(address.version == block.version and address in block for block in BLOCKED_NETWORKS):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    )


def _unwrap(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address behind a mapped (`::ffff:…`) or translated (NAT64) one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class Guard:
    """The rule: public addresses, and the entries of the operator's list.

    Entries are host names or networks, for all ports or, with `:PORT`, for one. `permit` may exclude some of those:
    an address from a stranger leads to a private host only if `permit` allows it.
    """

    def __init__(
        self, allow_hosts: Iterable[str] = (), resolver: Resolver = resolve, permit: Permit | None = None
    ) -> None:
        self._resolve = resolver
        self._permit = permit
        self._ours: Counter[tuple[str, int]] = Counter()
        self._names: set[tuple[str, int | None]] = set()
        self._networks: list[tuple[IPv4Network | IPv6Network, int | None]] = []
        for entry in filter(None, map(str.strip, allow_hosts)):
            host, port = split_port(entry)
            try:
                self._networks.append((ip_network(host, strict=False), port))
            except ValueError:
                self._names.add((_bare(host), port))

    @contextmanager
    def trusting(self, url: str) -> Iterator[None]:
        """Within this context, the host and port of `url` need no permission: an organiser has named them."""
        try:
            address = httpx.URL(url)
            ours = _bare(address.raw_host.decode("ascii")), address.port or PORTS.get(address.scheme, 0)
        except (httpx.InvalidURL, TypeError):
            ours = "", 0
        self._ours[ours] += 1
        try:
            yield
        finally:
            self._ours[ours] -= 1

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of `host` that are allowed, never empty. Raises Forbidden or OSError."""
        try:
            found: Sequence[str] = [str(ip_address(host))]
        except ValueError:
            found = await self._resolve(host, port)
        allowed = [address for address in found if await self._allows(host, port, ip_address(address))]
        if allowed:
            return allowed
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
        what = f"{host} is {found[0]}" if found[0] != host else host
        name = f"[{host}]" if ":" in host else host
        raise Forbidden(
            f"Address in a private network: {what}. "
            f"The operator can allow it in BACKCHANNEL_ALLOW_HOSTS (as {name} or {name}:{port})."
        )

    async def _allows(self, host: str, port: int, address: IPv4Address | IPv6Address) -> bool:
        if is_public(address):
            return True
        listed = self._lists(host, port, address)
        if not listed or self._permit is None or self._ours[_bare(host), port] > 0:
            return listed
        return await self._permit(host, port)

    def _lists(self, host: str, port: int, address: IPv4Address | IPv6Address) -> bool:
        """Whether an entry names this host or its address, for this port or for all."""
        if {(_bare(host), None), (_bare(host), port)} & self._names:
            return True
        forms = {address, _unwrap(address)}
        return any(
            only in (None, port) and form.version == network.version and form in network
            for network, only in self._networks
            for form in forms
        )


def _bare(host: str) -> str:
    """The host in ASCII (RFC 5891) and lower case, as connections name it."""
    with suppress(httpx.InvalidURL, UnicodeError):
        host = httpx.URL(scheme="http", host=host).raw_host.decode("ascii") or host
    return host.lower().removesuffix(".")


class GuardedNetwork(AsyncNetworkBackend):
    """httpcore's network backend with the guard in between; TLS still asks for the name, not the address."""

    def __init__(self, guard: Guard, network: AsyncNetworkBackend | None = None) -> None:
        self._guard = guard
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                return await self._first(host, port, timeout, local_address, socket_options)
        except TimeoutError as slow:
            raise httpcore.ConnectTimeout(str(slow)) from slow
        except OSError as failure:
            raise httpcore.ConnectError(str(failure)) from failure

    async def _first(
        self,
        host: str,
        port: int,
        total: float | None,
        local_address: str | None,
        socket_options: Iterable[SocketOption] | None,
    ) -> AsyncNetworkStream:
        """The first connection that succeeds; each attempt but the last gets a share of the time."""
        addresses = await self._guard.addresses(host, port)
        share = None if total is None else total / len(addresses)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, total, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport on a pool that connects through the guard. It reads no proxy from the environment."""

    def __init__(self, guard: Guard, network: AsyncNetworkBackend | None = None) -> None:
        tls = _tls()
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=100,
            max_keepalive_connections=40,
            keepalive_expiry=30,
            network_backend=GuardedNetwork(guard, network),
        )


@cache
def _tls() -> ssl.SSLContext:
    """The trusted certificates, which take longer to read than most commands take to run: once for all clients."""
    return httpx.create_ssl_context(trust_env=False)
