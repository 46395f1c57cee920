"""The addresses that commands print for people to open."""

from __future__ import annotations

import pytest

from aggregator.settings import Settings
from web.cli.addresses import base_address


@pytest.mark.parametrize(
    ("host", "public", "address"),
    [
        ("127.0.0.1", "", "http://localhost:80"),
        ("0.0.0.0", "", "http://localhost:80"),
        ("::", "", "http://localhost:80"),
        ("10.0.0.7", "", "http://10.0.0.7:80"),
        ("fd00::7", "", "http://[fd00::7]:80"),
        ("0.0.0.0", "https://wall.example", "https://wall.example"),
    ],
)
def test_base_address_is_what_to_type_into_a_browser(host: str, public: str, address: str) -> None:
    assert base_address(Settings(public_url=public), host, 80) == address
