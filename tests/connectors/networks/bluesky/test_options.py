"""The account and the app password of a source, as people type them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from connectors.contract import Address
from connectors.networks.bluesky.connector import Bluesky
from connectors.networks.bluesky.options import Credentials, Options


def test_account_and_password_are_taken_as_they_are_copied() -> None:
    assert Options(account=" @Reader.Quay.example ").account == "reader.quay.example"
    assert Options(account="did:plc:ada").account == "did:plc:ada"
    assert Credentials(token=" abcd-efgh \n").token == "abcd-efgh"
    assert "abcd" not in repr(Credentials(token="abcd-efgh"))


@pytest.mark.parametrize(("model", "field", "value"), [(Options, "account", "reader"), (Credentials, "token", "a\nb")])
def test_what_is_neither_is_refused(model: type[Options | Credentials], field: str, value: str) -> None:
    for wrong in (value, 7):
        with pytest.raises(ValidationError):
            model.model_validate({field: wrong})


def test_hashtag_without_an_account_to_search_with_is_only_listened_to() -> None:
    hashtag = Address(network="bluesky", kind="hashtag", value="harbour26")
    searched = Address(network="bluesky", kind="hashtag", value="x", options={"account": "a.example"})
    account = Address(network="bluesky", kind="account", value="a.example")
    assert [Bluesky().can_poll(each) for each in (hashtag, searched, account)] == [False, True, True]


def test_hosts_of_jetstream_are_websockets() -> None:
    assert Options(jetstream=["wss://jet.example/", " ws://127.0.0.1:80"]).jetstream == [
        "wss://jet.example",
        "ws://127.0.0.1:80",
    ]
    for wrong in ("https://jet.example", "wss://user@jet.example", "wss://", 7):
        with pytest.raises(ValidationError):
            Options.model_validate({"jetstream": [wrong]})
