"""Handles of accounts: however a server writes one, it is the handle that an organiser has hidden."""

from __future__ import annotations

import pytest

from connectors.networks.mastodon.people import handle_of

URL = "https://quay.example/@bo"


@pytest.mark.parametrize(
    "acct", ["bo", "bo@quay.example", "@bo@Quay.Example", "bo@quay.example.", "\uff42\uff4f", "b\u200bo"]
)
def test_handle_is_the_same_in_every_spelling(acct: str) -> None:
    assert handle_of(acct, URL) == "@bo@quay.example"


@pytest.mark.parametrize("acct", ["ada@snac.example/d", "ada@snac.example\\d", "ada@snac.example d"])
def test_handle_never_names_another_host(acct: str) -> None:
    assert handle_of(acct, URL) == "@ada@snac.example"
