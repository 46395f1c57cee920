"""Strange values in a status affect no other status, and a possible restriction restricts the post."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from connectors.contract.origin import host_of_key, is_at
from connectors.networks.mastodon.cursor import Cursor
from connectors.networks.mastodon.matching import Matching
from connectors.networks.mastodon.reading import ParsedStatus, _read, read_all
from tests.connectors.networks.feeds.test_connector import NOW
from tests.fakes.mastodon_entities import new_account, new_status

ADA = new_account("https://m.example", "ada", 1)


def read(**fields: Any) -> ParsedStatus:
    status = new_status("https://m.example", "1", "ada")
    return _read(json.dumps({**status, "account": ADA, "content": "<p>Good morning</p>", **fields}).encode(), NOW)


@pytest.mark.parametrize("nothing", [None, [], {}, False, "", 0])
def test_reblog_that_is_nothing_is_none(nothing: Any) -> None:
    found = read(reblog=nothing)
    assert (found.broken, found.is_boost) == ("", False)
    assert found.post is not None
    assert found.post.html == "<p>Good morning</p>"


@pytest.mark.parametrize("strange", [True, "1", 7, [1], {"id": "2"}])
def test_reblog_that_cannot_be_read_costs_the_boost(strange: Any) -> None:
    assert read(reblog=strange).broken


@pytest.mark.parametrize("said", [True, 1, "true", "yes", "Y", [1], {"a": 1}, 2, -1, "on"])
def test_restriction_that_may_be_meant_counts(said: Any) -> None:
    assert read(local_only=said).closed
    found = read(sensitive=said)
    assert found.post is not None
    assert found.post.sensitive
    opted_out = read(account={**ADA, "noindex": said})
    assert opted_out.post is not None
    assert opted_out.post.opted_out


@pytest.mark.parametrize("said", [None, False, 0, "", "false", "0", "no", [], {}])
def test_restriction_that_is_denied_does_not_count(said: Any) -> None:
    found = read(local_only=said, sensitive=said)
    assert found.post is not None
    assert not found.post.sensitive


@pytest.mark.parametrize(
    ("outer", "by", "visibility", "shown"),
    [
        ("public", "bob", "public", True),
        ("public", "bob", "unlisted", False),
        ("public", "ada", "unlisted", False),
        ("unlisted", "ada", "unlisted", True),
        ("unlisted", "bob", "unlisted", False),
        ("unlisted", "ada", "private", False),
    ],
)
def test_quote_shows_only_what_was_meant_for_it(outer: str, by: str, visibility: str, *, shown: bool) -> None:
    author = ADA if by == "ada" else new_account("https://m.example", by, 2)
    quoted = {**new_status("https://m.example", "2", by), "account": author, "content": "<p>Quiet</p>"}
    quote = {"state": "accepted", "quoted_status": {**quoted, "visibility": visibility}}
    found = read(visibility=outer, quote=quote)
    assert found.post is not None
    assert (found.post.quote is not None) == shown


@pytest.mark.parametrize(
    ("edited_at", "leaves"), [("2026-06-18T10:00:00Z", True), ("2027-06-18T11:00:00Z", False), (None, False)]
)
def test_edit_takes_a_post_away_also_where_its_date_is_still_to_come(edited_at: str | None, *, leaves: bool) -> None:
    found = read(created_at="2027-06-18T11:00:00Z", edited_at=edited_at, tags=[])
    assert Matching(first=("socitm09",)).is_unmatched(found, Cursor()) == leaves


@pytest.mark.parametrize(
    ("created_at", "edited_at", "edited"),
    [
        ("2009-10-12T09:30:00Z", "2009-10-12T09:30:01Z", True),
        ("2009-10-12T09:30:00Z", "2009-10-12T11:30:00+02:00", False),
        ("2009-10-12T09:30:00Z", "2009-10-12T09:29:59Z", False),
        ("2009-10-12T09:30:00Z", "0001-01-01T00:00:00Z", False),
        ("2009-10-12T09:30:00Z", 0, False),
        ("2009-10-12T09:30:00Z", "yesterday", False),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:01Z", False),
        ("0001-01-01T00:00:00Z", "2009-10-12T09:30:00Z", True),
        (None, "2009-10-12T09:30:00Z", True),
    ],
)
def test_edit_is_later_than_the_writing(created_at: object, edited_at: object, *, edited: bool) -> None:
    found = read(created_at=created_at, edited_at=edited_at, tags=[])
    assert (found.edited, Matching(first=("socitm09",)).is_unmatched(found, Cursor())) == (edited, edited)


@pytest.mark.parametrize(
    ("origin", "key", "same"),
    [
        ("https://m.example", "https://M.Example/users/ada/1", True),
        ("https://m.example", "https://m.example:443/1", True),
        ("https://m.example:443", "https://m.example/1", True),
        ("https://m.example", "https://m.example./1", True),
        ("https://münchen.example", "https://xn--mnchen-3ya.example/1", True),
        ("https://xn--mnchen-3ya.example", "https://MÜNCHEN.example/1", True),
        ("https://m.example:8443", "https://m.example:8443/1", True),
        ("https://m.example:8443", "https://m.example/1", False),
        ("https://m.example", "https://m.example@evil.example/1", False),
        ("https://m.example", "https://evil@m.example/1", False),
        ("https://m.example", "https://evil.example/m.example", False),
        ("https://m.example", "tag:m.example,2026:1", False),
        ("https://m.example", "https://[/1", False),
        ("", "", False),
    ],
)
def test_origin_is_the_same_however_it_is_written(origin: str, key: str, *, same: bool) -> None:
    assert is_at(origin, key) == same


def test_host_of_an_address_keeps_a_port_of_its_own() -> None:
    assert host_of_key("http://[::1]:8080/x") == "::1:8080"


@pytest.mark.parametrize("sign", ["007", "1,,2", '"x" "y"', "", "tru"])
def test_status_that_is_no_json_is_told_by_its_id(sign: str) -> None:
    statuses = [
        json.dumps({**new_status("https://m.example", id_, "ada"), "account": ADA, "content": id_}) for id_ in "123"
    ]
    statuses[1] = statuses[1][:-1] + f', "x": {sign}}}'
    found = [msgspec.msgpack.decode(each, type=ParsedStatus) for each in read_all(_page(statuses), NOW.isoformat())]
    assert [(each.id, each.broken) for each in found] == [
        ("1", ""),
        ("2", "Unreadable post (2): it holds an invalid value."),
        ("3", ""),
    ]
    (alone,) = read_all(_page(statuses[1:2]), NOW.isoformat())
    assert msgspec.msgpack.decode(alone, type=ParsedStatus) == found[1]


def _page(statuses: list[str]) -> bytes:
    return f"[{', '.join(statuses)}]".encode()
