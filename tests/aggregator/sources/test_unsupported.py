"""Unsupported networks, in all their spellings, and their web feeds."""

from __future__ import annotations

import pytest

from aggregator.sources.addresses import recognise
from aggregator.sources.errors import SourceError
from aggregator.sources.unsupported import HOSTS, refusal, unsupported
from connectors.contract import Address, Connector, Kind, Page
from connectors.registry import connectors


class Flock(Connector):
    """A connector for the addresses of one network."""

    name = "flock"
    label = "Flock"
    kinds = (Kind(name="account", label="Account", example="@ada.flock"),)
    min_interval = 1.0
    quiet_after = 1.0

    def recognise(self, text: str, on: str = "") -> Address | None:
        known = text.startswith("https://www.linkedin.com/in/")
        return Address(network=self.name, kind="account", value=text) if known else None

    async def poll(self, http: object, source: Address, cursor: str) -> Page:
        return Page()


@pytest.mark.parametrize("host", [f"{prefix}{host}" for host in HOSTS for prefix in ("", "www.", "m.")])
def test_a_known_network_is_refused_by_any_of_its_hosts(host: str) -> None:
    known = connectors()
    for text, on in ((f"https://{host}/socitm", ""), ("#socitm09", host), (f"@socitm@{host}", ""), (host, "")):
        name = HOSTS[host.removeprefix("www.").removeprefix("m.")]
        with pytest.raises(SourceError, match=f"^{name} (is not supported|has no such source)"):
            recognise(text, known, on=on)


@pytest.mark.parametrize(
    "text",
    [
        "https://www.youtube.com/feeds/videos.xml?channel_id=UC1",
        "https://www.reddit.com/r/fish/.rss",
        "https://bsky.app/profile/ada.bsky.social/rss",
    ],
)
def test_the_web_feeds_of_such_a_network_are_followed(text: str) -> None:
    assert recognise(text, connectors()).network == "feeds"


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("https://netflix.com/feed.xml", ""),
        ("#x", "max.example"),
        ("https://notx.com/", ""),
        ("@ada@threads.net", "a.example"),
    ],
)
def test_another_host_is_no_such_network(text: str, on: str) -> None:
    """An account on that host is followed through another server."""
    assert recognise(text, connectors(), on=on)


def test_a_connector_that_knows_the_host_for_its_own_is_right() -> None:
    known = {**connectors(), "flock": Flock()}
    assert recognise("https://www.linkedin.com/in/ada", known).network == "flock"
    with pytest.raises(SourceError, match=r"^LinkedIn is not supported yet"):
        recognise("https://www.linkedin.com/about", known)


def test_what_is_no_address_is_no_such_network() -> None:
    assert [unsupported(text, "", None, None) for text in ("", "?", "https://[", "x", "@ada.tiktok.com")] == [
        "",
        "",
        "",
        "",
        "TikTok",
    ]


def test_a_refusal_says_what_can_be_followed() -> None:
    assert refusal("X", {"flock": Flock()}) == "X is not supported yet. Supported sources: @ada.flock."
