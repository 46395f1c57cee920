"""The screen over raw messages: nothing that a wall follows is lost, and hardly anything else passes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.networks.bluesky.events import read_events
from connectors.networks.bluesky.screen import Screen
from connectors.text.hashtags import fold
from tests.recorded import elsewhere, path

ADA = "did:plc:ada"
TAG = "#tag"
WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in "socitm") + "09"
"""The tag in letters of full width."""
SPELT = st.sampled_from(["socitm09", "SOCITM09", "Sócitm09", "so\u0301citm09", WIDE, "sŏcítm09", "SoCiTm09"])


def post(record: dict[str, Any], did: str = "did:plc:eve", **json_options: bool) -> bytes:
    commit = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": "3k", "record": record, "cid": "c"}
    event = {"did": did, "time_us": 1, "kind": "commit", "commit": commit}
    return json.dumps(event, separators=(",", ":"), **json_options).encode()  # type: ignore[arg-type]


@given(SPELT, st.sampled_from(["facet", "list", "text", "wide"]), st.booleans())
def test_hashtag_passes_however_it_is_written(tag: str, where: str, is_ascii: bool) -> None:  # noqa: FBT001
    feature = {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
    records: dict[str, dict[str, Any]] = {
        "facet": {"text": "x", "facets": [{"index": {"byteStart": 0, "byteEnd": 1}, "features": [feature]}]},
        "list": {"text": "x", "tags": [tag]},
        "text": {"text": f"At #{tag}!"},
        "wide": {"text": f"At \uff03{tag}"},
    }
    message = post(records[where], ensure_ascii=is_ascii)
    [event] = read_events([message])
    assume("socitm09" in event.tags)  # in a text, combining marks end a hashtag
    assert Screen(["socitm09"]).passes(message)


@pytest.mark.parametrize("tag", ["港26", "größe", "привет", "\uff76\uff9e", "\u30ab\u3099", "\u1112\u1161\u11ab"])
def test_hashtag_of_any_script_passes(tag: str) -> None:
    message = post({"text": "x", "tags": [tag]}, ensure_ascii=False)
    [event] = read_events([message])
    assert event.tags == (fold(tag),)
    assert Screen(event.tags).passes(message)


def test_endings_and_followed_accounts_pass_and_the_rest_does_not() -> None:
    tags, account = Screen(["socitm09"]), Screen([], [ADA])
    other = post({"text": "About socitm09 without a sign, and #other"}, ensure_ascii=False)
    assert [tags.passes(other), account.passes(other), account.passes(post({"text": "x"}, did=ADA))] == [
        False, False, True
    ]  # fmt: skip
    deleted = b'{"did":"did:plc:eve","time_us":1,"kind":"commit","commit":{"operation":"delete","collection":"x"}}'
    left = b'{"did":"did:plc:eve","time_us":1,"kind":"account","account":{"active":false}}'
    assert [tags.passes(each) for each in (deleted, left, left.replace(b"false", b"true"))] == [True, True, False]
    repost = b'{"did":"%s","time_us":1,"kind":"commit","commit":{"collection":"app.bsky.feed.repost"}}'
    assert [account.passes(repost % did) for did in (b"did:plc:eve", ADA.encode())] == [False, True]
    assert tags.passes(b'{"error":"ConsumerTooSlow"}')


@elsewhere
def test_of_the_live_network_hardly_anything_passes() -> None:
    messages = path("bluesky/jetstream_v1_live.jsonl").read_bytes().splitlines()
    events = read_events(messages)
    assert [event.broken for event in events if event.broken] == []
    tags = sorted({tag for event in events for tag in event.tags})
    passed = {n for n, message in enumerate(messages) if Screen(tags or ["socitm09"]).passes(message)}
    assert passed >= {n for n, event in enumerate(events) if event.tags}
    nothing = [message for message in messages if Screen(["socitm09"]).passes(message)]
    assert all(b'"delete"' in message for message in nothing)
