"""The host that is shown for a web address is the host to which a browser goes."""

from __future__ import annotations

import pytest

from connectors.text.hosts import host_of, is_ambiguous, shown_host

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
        ("https://b%61nk.example/", "bank.example"),
        ("https://ba\u00adnk.example/", "bank.example"),
    ],
)
def test_host_of_a_plain_address_is_shown(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("snac.example/d", "snac.example"),
        ("snac.example:8080/d", "snac.example:8080"),
        ("snac.example?d", "snac.example"),
        ("snac.example#d", "snac.example"),
        ("snac.example\\d", "snac.example"),
        ("snac.example d", "snac.example"),
        ("snac.example\uff0fd", "snac.example"),
        ("snac.example\u200dd", "snac.example"),
        ("snac.example\u202ed", "snac.example"),
        (" snac.example ", "snac.example"),
        ("snac.exam\u200bple", "snac.example"),
        ("/snac.example", ""),
        ("[::1]/d", ""),
    ],
)
def test_host_ends_before_a_sign_that_no_host_name_has(host: str, shown: str) -> None:
    assert shown_host(host) == shown
