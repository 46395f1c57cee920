"""A strange value in any field of a post affects that post alone, and an optional field not even the post."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.networks.bluesky.reading import Entry, Listing, read_listing
from tests.connectors.mutations import VALUES, Path, paths, with_value
from tests.replay import cases

pytestmark = pytest.mark.unmeasured  # the same lines, some thousand times
NOW = "2026-11-28T09:00:00+00:00"
NEEDED = {("post",), ("post", "uri"), ("post", "author"), ("post", "author", "did"), ("post", "record")}
"""What a post can't be read without; with another `$type`, an embed is another one, and may leave nothing."""


def rich_item() -> dict[str, Any]:
    """An entry with every part that is read."""
    author = {"did": "did:plc:ada", "handle": "ada.quay.example", "displayName": "Ada", "avatar": "https://a.example/a"}
    label = {"src": "did:plc:ada", "uri": "at://did:plc:ada/app.bsky.feed.post/2", "val": "nudity", "cts": NOW}
    author["labels"] = [label | {"uri": "did:plc:ada", "val": "spam", "exp": NOW, "neg": False, "cid": "c"}]  # type: ignore[assignment]
    features = [{"$type": "app.bsky.richtext.facet#tag", "tag": "tea"}]
    quoted = {
        "$type": "app.bsky.embed.record#viewRecord",
        "uri": "at://did:plc:ada/app.bsky.feed.post/9",
        "cid": "c",
        "author": dict(author),
        "value": {"text": "Quoted", "facets": [{"index": {"byteStart": 0, "byteEnd": 6}, "features": features}]},
        "labels": [label],
    }
    image = {"thumb": "https://a.example/t", "fullsize": "https://a.example/f", "alt": "A boat"}
    return {
        "post": {
            "uri": "at://did:plc:ada/app.bsky.feed.post/2",
            "cid": "bafy2",
            "author": author,
            "record": {
                "text": "Middle #tea",
                "createdAt": "2026-11-27T09:00:00Z",
                "langs": ["en"],
                "tags": ["tea"],
                "labels": {"values": [{"val": "nudity"}]},
                "facets": [{"index": {"byteStart": 7, "byteEnd": 11}, "features": features}],
                "reply": {"parent": {"uri": "at://did:plc:ada/app.bsky.feed.post/1"}},
            },
            "embed": {
                "$type": "app.bsky.embed.recordWithMedia#view",
                "record": {"$type": "app.bsky.embed.record#view", "record": quoted},
                "media": {
                    "$type": "app.bsky.embed.images#view",
                    "images": [image | {"aspectRatio": {"width": 4, "height": 3}}],
                },
            },
            "labels": [label],
            "indexedAt": "2026-11-27T09:00:01Z",
        },
        "reason": {
            "$type": "app.bsky.feed.defs#reasonRepost",
            "by": dict(author) | {"did": "did:plc:ben"},
            "uri": "at://did:plc:ben/app.bsky.feed.repost/1",
            "indexedAt": "2026-11-27T09:00:02Z",
        },
    }


def plain_item(number: int) -> dict[str, Any]:
    item = rich_item()
    names = {"uri": f"at://did:plc:ada/app.bsky.feed.post/{number}", "embed": None}
    return {"post": item["post"] | names}


def read(*items: Any, **more: Any) -> Listing:
    return read_listing(json.dumps({"feed": items, **more}).encode(), "feed", NOW)


def recorded_items() -> list[dict[str, Any]]:
    """The entries of our cases, whose embeds are of every kind."""
    bodies = [reply.get("body") for case in cases("bluesky") for reply in case["replies"]]
    listed = [item for body in bodies if isinstance(body, dict) for item in body.get("feed", [])]
    return [item for item in listed if isinstance(item, dict) and isinstance(item["post"].get("author"), dict)]


def places() -> list[tuple[dict[str, Any], Path]]:
    """Each path of the rich entry or of a recorded one, once."""
    found: dict[tuple[Any, ...], tuple[dict[str, Any], Path]] = {}
    for item in (rich_item(), *recorded_items()):
        for path in paths(item):
            found.setdefault(tuple(0 if isinstance(name, int) else name for name in path), (item, path))
    return list(found.values())


PLACES = places()


def test_entry_with_anything_anywhere_costs_no_other() -> None:
    first, last = plain_item(1), plain_item(3)
    right, lost = read(first, last).entries, list[str]()
    for name, value in VALUES.items():
        strange = [with_value(item, path, value) for item, path in PLACES]
        for start in range(0, len(strange), 100):
            some = strange[start : start + 100]
            found = read(first, *some, value, last).entries
            if len(found) != len(some) + 3 or (found[0], found[-1]) != right:
                lost.append(f"{name} in one of {[path for _, path in PLACES[start : start + 100]]}")
    assert (len(right), lost) == (2, [])


def test_post_loses_no_more_than_its_strange_field() -> None:
    optional, lost = [path for path in paths(rich_item()) if path not in NEEDED], list[tuple[str, Path]]()
    for name, value in VALUES.items():
        found = read(*(with_value(rich_item(), path, value) for path in optional)).entries
        assert len(found) == len(optional)
        lost += [(name, path) for entry, path in zip(found, optional, strict=True) if not _is_whole(entry, path)]
    assert lost == []


def _is_whole(entry: Entry, path: Path) -> bool:
    """Whether words and pictures are there, unless they are what is strange."""
    if entry.post is None or path[:3] == ("post", "record", "text"):
        return entry.post is not None
    return "Middle " in entry.post.html and bool(entry.post.media or "embed" in path)


def test_cursor_of_any_kind_is_a_text_of_bounded_length() -> None:
    assert [name for name, value in VALUES.items() if len(read(plain_item(1), cursor=value).cursor) > 2_000] == []
