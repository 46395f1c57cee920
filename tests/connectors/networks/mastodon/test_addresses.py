"""Typed text, and the hashtag or account of a server that it means."""

from __future__ import annotations

import pytest

from connectors.contract import Address
from connectors.timeline.addresses import origin
from tests.connectors.networks.mastodon.sources import mastodon


def address(kind: str, value: str, server: str) -> Address:
    return Address(network="mastodon", kind=kind, value=value, server=server)


@pytest.mark.parametrize(
    ("text", "on", "expected"),
    [
        ("#Sócitm09", "m.example", address("hashtag", "socitm09", "https://m.example")),
        ("＃旅", "http://127.0.0.1:8080", address("hashtag", "旅", "http://127.0.0.1:8080")),  # noqa: RUF001 - as Japanese keyboards write it
        ("#socitm09", "http://[::1]:8080/", address("hashtag", "socitm09", "http://[::1]:8080")),
        ("#socitm09", "M.Example:8443", address("hashtag", "socitm09", "https://m.example:8443")),
        ("@Ada@M.Example", "", address("account", "ada@m.example", "https://m.example")),
        (" ada@m.example ", "", address("account", "ada@m.example", "https://m.example")),
        ("@ada@m.example", "far.example", address("account", "ada@m.example", "https://far.example")),
        ("@ada", "m.example", address("account", "ada@m.example", "https://m.example")),
        ("https://m.example/@ada", "", address("account", "ada@m.example", "https://m.example")),
        ("http://127.0.0.1:81/@ada/", "", address("account", "ada@127.0.0.1:81", "http://127.0.0.1:81")),
        ("https://m.example/@ada@far.example", "", address("account", "ada@far.example", "https://m.example")),
        ("https://m.example/web/@ada", "", address("account", "ada@m.example", "https://m.example")),
        ("https://m.example/tags/Socitm09", "", address("hashtag", "socitm09", "https://m.example")),
        ("https://m.example/tags/%E6%97%85?x=1#y", "", address("hashtag", "旅", "https://m.example")),
        ("https://m.example/tags/a", "far.example", address("hashtag", "a", "https://far.example")),
        ("#socitm09", "", None),
        ("#2009", "m.example", None),
        ("#a b", "m.example", None),
        ("#socitm09", "not a host", None),
        ("#socitm09", "ftp://m.example", None),
        ("#socitm09", "https://u:p@m.example", None),
        ("#socitm09", "http://[::1", None),
        ("@ada", "", None),
        ("ada", "m.example", None),
        ("ada@", "", None),
        ("https://m.example/", "", None),
        ("https://m.example/@ada/117000", "", None),
        ("https://m.example/ada@far.example", "", None),
        ("https://www.youtube.com/@ada", "", None),
        ("https://tiktok.com/@ada", "", None),
        ("ftp://m.example/@ada", "", None),
        ("https://[::1/@ada", "", None),
        ("https://u:p@m.example/@ada", "", None),
        ("a" * 501 + "@m.example", "", None),
    ],
)
def test_recognise_reads_what_people_type(text: str, on: str, expected: Address | None) -> None:
    assert mastodon.recognise(text, on) == expected


def test_origin_is_empty_for_what_is_no_server() -> None:
    assert [origin(text) for text in ("", "https://", "m example", "-", "a..b")] == [""] * 5
