"""The guard against server-side request forgery: public addresses, and a connection to the very address it checked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

import httpcore
import pytest
from httpcore import AsyncMockStream, AsyncNetworkStream
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Forbidden, Unavailable
from connectors.http.client import Http
from connectors.http.guard import Guard, GuardedNetwork, GuardedTransport, is_public, resolve

OK = [b"HTTP/1.1 200 OK\r\n", b"Content-Length: 2\r\n", b"Connection: close\r\n", b"\r\n", b"hi"]
MOVED = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # metadata of most clouds
    "168.63.129.16",  # metadata of one more
    "100.100.100.200",  # and of another, in shared address space
    "192.0.0.192",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "240.0.0.1",
    "198.18.0.1",
    "192.88.99.1",
    "::",
    "::1",
    "::127.0.0.1",  # IPv4-compatible
    "::ffff:127.0.0.1",  # IPv4-mapped
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "2002:808:808::",  # … and of a public address: still a tunnel of the sender's choice
    "2001:0:7f00:1::1",  # Teredo
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",  # metadata over IPv6
    "ff02::1",
    "2001:db8::1",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


class Wire(httpcore.AsyncNetworkBackend):
    """The network below the guard: notes the connections, and answers with prepared replies."""

    def __init__(self, *replies: Sequence[bytes], dead: Iterable[str] = ()) -> None:
        self.called: list[tuple[str, int]] = []
        self.slept: list[float] = []
        self._replies = list(replies)
        self._dead = set(dead)

    async def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> AsyncNetworkStream:
        self.called.append((host, port))
        if host in self._dead:
            raise httpcore.ConnectError("no server there")
        return AsyncMockStream(list(self._replies.pop(0)))

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Names:
    """A resolver whose answers change from one query to the next, as an attacker's name server does."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def http(wire: Wire, names: Names, *allow: str) -> Http:
    return Http(transport=GuardedTransport(Guard(allow, names), wire))


@pytest.mark.parametrize("address", PRIVATE)
def test_guard_refuses_what_no_public_server_lives_at(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_guard_lets_public_addresses_by(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_guard_judges_a_mapped_address_like_the_address_inside(address: object) -> None:
    assert is_public(ip_address(f"::ffff:{address}")) == is_public(ip_address(str(address)))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:6379/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",  # decimal
        "http://0x7f000001/",  # hexadecimal
        "http://0x7f.1/",
        "http://0177.0.0.1/",  # octal
        "http://127.1/",  # short
        "http://0/",
        "http://localhost/",
        "http://LOCALHOST/",
    ],
)
async def test_guard_sees_through_every_way_to_write_this_machine(url: str) -> None:
    wire = Wire(OK)
    async with Http(transport=GuardedTransport(Guard(), wire)) as client:
        with pytest.raises(Forbidden):
            await client.get(url)
    assert wire.called == []


async def test_guard_connects_to_the_address_that_it_checked() -> None:
    wire, names = Wire(OK), Names(["93.184.216.34"], ["127.0.0.1"])
    async with http(wire, names) as client:
        reply = await client.get("http://rebind.example/")
    assert (reply.body, wire.called, names.asked) == (b"hi", [("93.184.216.34", 80)], ["rebind.example"])


async def test_guard_checks_again_when_a_name_moves_to_a_private_address() -> None:
    wire, names = Wire(OK, OK), Names(["93.184.216.34"], ["127.0.0.1"])
    async with http(wire, names) as client:
        await client.get("http://rebind.example/")
        with pytest.raises(Forbidden, match=r"^Address in a private network: rebind\.example is 127\.0\.0\.1\."):
            await client.get("http://rebind.example/")
    assert wire.called == [("93.184.216.34", 80)]


@pytest.mark.parametrize(("host", "name"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
async def test_guard_names_a_numeric_address_once(host: str, name: str) -> None:
    async with http(Wire(OK), Names([])) as client:
        with pytest.raises(Forbidden) as caught:
            await client.get(f"http://{name}:8000/")
    hint = f"The operator can allow it in BACKCHANNEL_ALLOW_HOSTS (as {name} or {name}:8000)."
    assert str(caught.value) == f"Address in a private network: {host}. {hint}"


async def test_guard_takes_only_the_public_ones_of_many_addresses() -> None:
    wire = Wire(OK)
    async with http(wire, Names(["10.0.0.1", "fd00::1", "93.184.216.34"])) as client:
        await client.get("http://mixed.example/")
    assert wire.called == [("93.184.216.34", 80)]


async def test_guard_tries_the_next_address_when_one_is_dead() -> None:
    wire = Wire(OK, dead=["2606:4700::1111"])
    async with http(wire, Names(["2606:4700::1111", "93.184.216.34"])) as client:
        await client.get("http://two.example/")
    assert wire.called == [("2606:4700::1111", 80), ("93.184.216.34", 80)]


async def test_guard_knows_a_listed_name_in_letters_and_in_punycode() -> None:
    for listed in ("bücher.example", "xn--bcher-kva.example"):
        guard = Guard([listed], Names(["10.0.0.1"]))
        assert await guard.addresses("xn--bcher-kva.example", 80) == ["10.0.0.1"]


async def test_guard_trusts_an_organisers_address_in_letters() -> None:
    async def nobody(_host: str, _port: int) -> bool:
        return False

    guard = Guard(["10.0.0.0/8"], Names(["10.0.0.1"]), permit=nobody)
    with guard.trusting("http://bücher.example/"):
        assert await guard.addresses("xn--bcher-kva.example", 80) == ["10.0.0.1"]
    with pytest.raises(Forbidden):
        await guard.addresses("xn--bcher-kva.example", 80)


async def test_guard_says_when_no_address_answers() -> None:
    wire = Wire(dead=["93.184.216.34"])
    async with http(wire, Names(["93.184.216.34"])) as client:
        with pytest.raises(Unavailable, match=r"^Connection failed: dead\.example can't be reached\.$"):
            await client.get("http://dead.example/")


@pytest.mark.parametrize(
    "target", [b"http://127.0.0.1/admin", b"http://inside.example/", b"//10.0.0.1/", b"http://[::1]/"]
)
async def test_guard_checks_every_redirect(target: bytes) -> None:
    class Inside(Names):
        async def __call__(self, host: str, port: int) -> Sequence[str]:
            return ["192.168.0.7"] if host == "inside.example" else ["93.184.216.34"]

    wire = Wire([MOVED % target], OK)
    async with http(wire, Inside([])) as client:
        with pytest.raises(Forbidden, match="private network"):
            await client.get("http://outside.example/")
    assert wire.called == [("93.184.216.34", 80)]


@pytest.mark.parametrize(
    ("allowed", "url", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080/", "127.0.0.1"),
        ("10.0.0.0/8", "http://intranet.example/", "10.1.2.3"),
        ("intranet.example", "http://intranet.example/", "10.1.2.3"),
        (" Intranet.Example. ", "http://intranet.example./", "10.1.2.3"),
        ("[::1]", "http://[::1]/", "::1"),
        ("fd00::/8", "http://six.example/", "fd00::5"),
        ("10.0.0.0/8", "http://mapped.example/", "::ffff:10.1.2.3"),
        ("10.1.2.3/8", "http://sloppy.example/", "10.9.9.9"),
    ],
)
async def test_guard_lets_by_what_the_operator_lists(allowed: str, url: str, address: str) -> None:
    wire = Wire(OK)
    async with http(wire, Names([address]), allowed, "") as client:
        await client.get(url)
    assert [host for host, _ in wire.called] == [address]


async def test_guard_lets_by_no_more_than_is_listed() -> None:
    wire = Wire(OK)
    async with http(wire, Names(["192.168.0.7"]), "10.0.0.0/8", "other.example", "::/0") as client:
        with pytest.raises(Forbidden):
            await client.get("http://intranet.example/")


async def test_guard_says_when_a_name_has_no_address() -> None:
    async with http(Wire(), Names([])) as client:
        with pytest.raises(Unavailable, match=r"^Host not found: check the spelling of nowhere\.example\.$"):
            await client.get("http://nowhere.example/")


async def test_guard_stops_waiting_for_a_name_server() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(3600)
        return []

    with pytest.raises(httpcore.ConnectTimeout):
        await GuardedNetwork(Guard(resolver=never), Wire()).connect_tcp("slow.example", 80, timeout=0.01)


async def test_guarded_network_sleeps_like_the_one_below() -> None:
    wire = Wire()
    await GuardedNetwork(Guard(), wire).sleep(1.5)
    assert wire.slept == [1.5]


async def test_guarded_network_without_a_time_limit_tries_all_addresses() -> None:
    wire = Wire(OK, dead=["93.184.216.34"])
    network = GuardedNetwork(Guard(resolver=Names(["93.184.216.34", "8.8.8.8"])), wire)
    await network.connect_tcp("two.example", 443)
    assert wire.called == [("93.184.216.34", 443), ("8.8.8.8", 443)]


async def test_resolver_gives_each_address_once() -> None:
    assert await resolve("127.0.0.1", 80) == ["127.0.0.1"]


@pytest.mark.parametrize("host", ["x" * 64 + ".example"])
async def test_resolver_calls_an_impossible_name_unreachable(host: str) -> None:
    with pytest.raises(OSError, match="is not a host name"):
        await resolve(host, 80)


@pytest.mark.parametrize(
    ("entry", "host", "port", "let_by"),
    [
        ("127.0.0.1", "127.0.0.1", 8080, True),
        ("127.0.0.1:8080", "127.0.0.1", 8080, True),
        ("127.0.0.1:8080", "127.0.0.1", 8081, False),
        ("127.0.0.0/8:8080", "127.9.9.9", 8080, True),
        ("127.0.0.0/8:8080", "127.9.9.9", 22, False),
        ("[::1]:8080", "::1", 8080, True),
        ("[::1]:8080", "::1", 22, False),
        ("::1", "::1", 22, True),
    ],
)
async def test_guard_lets_by_one_port_where_an_entry_names_one(
    entry: str, host: str, port: int, *, let_by: bool
) -> None:
    guard = Guard([entry])
    if let_by:
        assert await guard.addresses(host, port) == [host]
    else:
        with pytest.raises(Forbidden):
            await guard.addresses(host, port)


async def test_guard_asks_for_leave_where_an_address_is_a_strangers() -> None:
    async def permit(host: str, port: int) -> bool:
        return (host, port) == ("127.0.0.1", 8080)

    guard = Guard(["127.0.0.1"], permit=permit)
    assert await guard.addresses("127.0.0.1", 8080) == ["127.0.0.1"]
    with pytest.raises(Forbidden):
        await guard.addresses("127.0.0.1", 22)


async def test_guard_needs_no_leave_for_the_source_that_is_asked() -> None:
    """Only for its own host and port, and only within the context."""

    async def permit(host: str, port: int) -> bool:
        return False

    guard = Guard(["127.0.0.1", "::1"], permit=permit)
    for url, host, port in [
        ("http://127.0.0.1:8080/feed", "127.0.0.1", 8080),
        ("http://127.0.0.1/", "127.0.0.1", 80),
        ("https://[::1]/", "::1", 443),
    ]:
        with guard.trusting(url):
            assert await guard.addresses(host, port) == [host]
            for other in {22, 80, 443, 8080} - {port}:
                with pytest.raises(Forbidden):
                    await guard.addresses(host, other)
        with pytest.raises(Forbidden):
            await guard.addresses(host, port)
    for odd in ("", "not an address", "http://["):
        with guard.trusting(odd), pytest.raises(Forbidden):
            await guard.addresses("127.0.0.1", 80)
