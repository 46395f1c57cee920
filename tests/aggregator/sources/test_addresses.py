"""Recognising sources in a person's input."""

from __future__ import annotations

from typing import ClassVar

import pytest
from pydantic import BaseModel, ConfigDict

from aggregator.sources.addresses import recognise, with_options
from aggregator.sources.errors import SourceError
from connectors.contract import Address, Connector, Kind, Page


class Choices(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int = 1
    deep: bool = False


class Harbour(Connector):
    """A connector for `#tag` on a server under `.quay`, and for addresses of quays."""

    name = "harbour"
    label = "Harbour"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind(name="hashtag", label="Hashtag", example="#fish", needs_server=True),)
    options = Choices
    min_interval = 1.0
    quiet_after = 1.0

    def recognise(self, text: str, on: str = "") -> Address | None:
        known = (text.startswith("#") and on.endswith((".quay", ".example"))) or (".quay/" in text and not on)
        return Address(network=self.name, kind="hashtag", value=text, server=on) if known else None

    async def poll(self, http: object, source: Address, cursor: str) -> Page:
        return Page()


class Pier(Harbour):
    name = "pier"
    label = "Pier"


class Anything(Harbour):
    name = "anything"
    last_resort = True

    def recognise(self, text: str, on: str = "") -> Address | None:
        return Address(network=self.name, kind="page", value=text) if "://" in text and not on else None


SEA = {"harbour": Harbour(), "anything": Anything()}


def test_recognise_asks_each_network() -> None:
    assert recognise("#fish", SEA, on="north.quay") == Address(
        network="harbour", kind="hashtag", value="#fish", server="north.quay"
    )
    assert recognise("https://a.example/", SEA).network == "anything"


def test_recognise_prefers_a_network_that_knows_better() -> None:
    assert recognise("https://a.quay/", SEA).network == "harbour"
    assert recognise("https://a.quay/", SEA, network="anything").network == "anything"


def test_recognise_asks_which_of_several_networks_is_meant() -> None:
    with pytest.raises(SourceError) as refusal:
        recognise("https://a.quay/", SEA | {"pier": Pier()})
    assert (
        str(refusal.value)
        == "Ambiguous source: “https://a.quay/” can be followed on several networks. Choose one of harbour, pier."
    )


@pytest.mark.parametrize(
    ("text", "on", "network", "sentence"),
    [
        ("#fish", "", "", "Server missing: name one to follow “#fish” on, such as mastodon.social."),
        ("#fish", "x y", "", "Invalid server “x y”: name one such as mastodon.social, or http://127.0.0.1:8080."),
        ("https://a.quay/", "x y", "", "Cannot follow “https://a.quay/” on “x y”: leave the server out, or"),
        ("fish", "", "", "Cannot follow “fish”. Try something like #fish."),
        ("fish!", "north.quay", "", "Cannot follow “fish!”. Try something like #fish."),
        ("#fish", "", "sky", "Unknown network “sky”: choose one of anything, harbour."),
    ],
)
def test_recognise_says_what_to_type_instead(text: str, on: str, network: str, sentence: str) -> None:
    with pytest.raises(SourceError) as refusal:
        recognise(text, SEA, on=on, network=network)
    assert str(refusal.value).startswith(sentence)


def test_with_options_keeps_what_was_given_as_the_connector_reads_it() -> None:
    address = Address(network="harbour", kind="hashtag", value="fish")
    assert with_options(address, Harbour(), {"size": "3"}).options == {"size": 3}
    assert with_options(address, Harbour(), {}).options == {}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"colour": 1}, "Unknown option “colour” for Harbour. Known options: size, deep."),
        (
            {"size": "big"},
            ("Invalid option size for Harbour: it must be a whole number, such as 3."),
        ),
    ],
)
def test_with_options_says_which_option_is_wrong(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(SourceError) as refusal:
        with_options(Address(network="harbour", kind="hashtag", value="fish"), Harbour(), options)
    assert str(refusal.value) == sentence


def test_a_bare_word_on_a_server_is_a_hashtag() -> None:
    known = {"harbour": Harbour()}
    assert recognise("fish", known, on="north.quay") == Address(
        network="harbour", kind="hashtag", value="#fish", server="north.quay"
    )
    with pytest.raises(SourceError, match=r"^Cannot follow “fish”"):
        recognise("fish", known)
