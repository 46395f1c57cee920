"""The host that is shown for a web address is the host to which a browser goes."""

from __future__ import annotations

import pytest

from connectors.text.hosts import host_of, is_ambiguous

AMBIGUOUS = [
    "https://evil.example\\@bank.example/",
    "https://evil.example\\.bank.example/",
    "https://bank.example@evil.example/",
    "https://bank.example:443@evil.example/",
    "https://@evil.example/",
    "https://a@b@evil.example",
]


@pytest.mark.parametrize("url", AMBIGUOUS)
def test_host_of_an_ambiguous_address_is_not_shown(url: str) -> None:
    assert (is_ambiguous(url), host_of(url)) == (True, "")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://bank.example/@ada", "bank.example"),
        ("https://Bank.example:8080?to=a@b.example", "bank.example:8080"),
        ("https://bank.example#@ada", "bank.example"),
        ("https://[::1]:8080/", "[::1]:8080"),
        ("https://bank.example:99999/", ""),
        ("mailto:ada@bank.example", ""),
    ],
)
def test_host_of_a_plain_address_is_shown(url: str, host: str) -> None:
    assert host_of(url) == host
