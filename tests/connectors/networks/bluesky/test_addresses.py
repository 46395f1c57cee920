"""Typed text, and the account, list, feed or hashtag that it means."""

from __future__ import annotations

import pytest

from aggregator.sources.addresses import recognise as recognise_any
from connectors.contract import Address
from connectors.networks.bluesky.addresses import recognise
from connectors.registry import connectors

DID = "did:plc:adaadaadaadaadaadaadaada"
APP = "https://bsky.app"


def address(kind: str, value: str, server: str = "") -> Address:
    return Address(network="bluesky", kind=kind, value=value, server=server)


@pytest.mark.parametrize(
    ("text", "on", "expected"),
    [
        ("@Ada.bsky.social", "", address("account", "ada.bsky.social")),
        ("ada.bsky.social", "", address("account", "ada.bsky.social")),
        ("@quay.example", "", address("account", "quay.example")),
        ("quay.example", "", None),
        ("@ada", "", None),
        ("@ada", "bsky.social", address("account", "ada.bsky.social")),
        ("@quay.example", "https://bsky.app/", address("account", "quay.example")),
        ("@quay.example", "m.example", None),
        ("@ada@m.example", "", None),
        ("#Harbour26", "", None),
        ("#Harbour26", "bsky.app", address("hashtag", "harbour26")),
        ("#harbour26", "m.example", None),
        (DID, "", address("account", DID)),
        ("did:web:quay.example", "", address("account", "did:web:quay.example")),
        ("did:key:z6Mk", "", None),
        (DID, "https://view.example", address("account", DID, "https://view.example")),
        (f"{APP}/profile/Ada.Quay.example", "", address("account", "ada.quay.example")),
        (f"{APP}/profile/{DID}/", "", address("account", DID)),
        (f"{APP}/profile/ada.quay.example/post/3k", "", None),
        (f"{APP}/profile/ada.quay.example/rss", "", None),
        (f"{APP}/profile/nobody", "", None),
        (
            "https://www.bsky.app/profile/ada.quay.example/lists/3k",
            "",
            address("list", "at://ada.quay.example/app.bsky.graph.list/3k"),
        ),
        (
            f"{APP}/profile/{DID}/feed/harbour",
            "http://127.0.0.1:8080",
            address("feed", f"at://{DID}/app.bsky.feed.generator/harbour", "http://127.0.0.1:8080"),
        ),
        (f"{APP}/profile/{DID}/feed/a/b", "", None),
        (f"{APP}/hashtag/H%C3%A1rbour26?author=x", "", address("hashtag", "harbour26")),
        (f"{APP}/hashtag/26", "", None),
        (f"{APP}/search?q=%23harbour26", "", address("hashtag", "harbour26")),
        (f"{APP}/search?q=harbour26", "", None),
        (f"at://{DID}", "", address("account", DID)),
        (
            "at://ada.quay.example/app.bsky.feed.generator/harbour",
            "",
            address("feed", "at://ada.quay.example/app.bsky.feed.generator/harbour"),
        ),
        (f"at://{DID}/app.bsky.feed.post/3k", "", None),
        (f"at://{DID}/app.bsky.graph.list/..", "", None),
        (DID, "not a host", None),
        (DID, "https://view.example/path", None),
        ("https://[::1/profile/x", "", None),
        (f"{APP}/hashtag/{'a' * 1_000}", "", None),
    ],
)
def test_text_means_a_source_of_bluesky(text: str, on: str, expected: Address | None) -> None:
    assert recognise(text, on) == expected


@pytest.mark.parametrize(
    ("text", "on", "network"),
    [
        ("#harbour26", "m.example", "mastodon"),
        ("@quay.example", "m.example", "mastodon"),
        ("@ada@m.example", "", "mastodon"),
        ("harbour26", "bsky.social", "bluesky"),
        ("@ada.bsky.social", "bsky.app", "bluesky"),
        (f"{APP}/profile/ada.bsky.social", "", "bluesky"),
        (f"{APP}/profile/ada.bsky.social/rss", "", "feeds"),
    ],
)
def test_no_text_is_claimed_by_two_networks(text: str, on: str, network: str) -> None:
    assert recognise_any(text, connectors(), on=on).network == network
