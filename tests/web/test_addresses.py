"""The addresses of a server, on this machine and on other devices."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest

from aggregator.settings import Settings
from web.addresses import address, base_address, network_hosts


@pytest.mark.parametrize(
    ("host", "public", "typed"),
    [
        ("127.0.0.1", "", "http://localhost:80"),
        ("0.0.0.0", "", "http://localhost:80"),
        ("::", "", "http://localhost:80"),
        ("10.0.0.7", "", "http://10.0.0.7:80"),
        ("fd00::7", "", "http://[fd00::7]:80"),
        ("0.0.0.0", "https://wall.example", "https://wall.example"),
    ],
)
def test_base_address_is_what_to_type_into_a_browser(host: str, public: str, typed: str) -> None:
    assert base_address(Settings(public_url=public), host, 80) == typed


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_no_other_device_reaches_a_server_that_listens_to_this_machine_alone(host: str) -> None:
    assert network_hosts(host) == []


def test_another_device_reaches_a_server_where_it_listens() -> None:
    assert network_hosts("10.0.0.7") == ["10.0.0.7"]
    assert address("10.0.0.7", 80) == "http://10.0.0.7:80"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_server_that_listens_everywhere_is_reached_by_this_machine_s_own_addresses(host: str) -> None:
    """Their number depends on the network: none is a loopback address, and the server can listen on each."""
    for found in network_hosts(host):
        own = ip_address(found)
        assert not own.is_loopback
        assert not own.is_unspecified
        with socket.socket(socket.AF_INET6 if own.version == 6 else socket.AF_INET) as listening:
            listening.bind((found, 0))
