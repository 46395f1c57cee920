"""Recorded replies of real Misskey servers, read whole."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from connectors.networks.misskey.reading import read_notes
from connectors.timeline.entries import Entry
from tests.recorded import elsewhere, path
from tests.replay import UNDATED

HERE = "https://slippy.xyz"


def entries(name: str) -> tuple[list[Any], list[Entry]]:
    body = path(f"misskey/{name}.json").read_bytes()
    notes = json.loads(body)
    _, found = read_notes(body, HERE, {}, UNDATED.isoformat(), 0, 100, 60)
    read = [msgspec.msgpack.decode(each, type=Entry) for each in found]
    return notes if isinstance(notes, list) else [notes], read


@elsewhere
@pytest.mark.parametrize(
    "name", ["notes_search-by-tag", "timeline", "note_show", "notes_renotes", "notes_featured", "notes_mentions"]
)
def test_timelines_of_real_servers_are_read_whole(name: str) -> None:
    notes, found = entries(name)
    assert [entry.broken for entry in found if entry.broken] == []
    assert [entry.id for entry in found] == [note["id"] for note in notes]
    assert [entry.post is not None for entry in found] == [note["visibility"] == "public" for note in notes]
    posts = [entry.post for entry in found if entry.post]
    assert all(post.author.handle.count("@") == 2 and post.author.url.startswith("https://") for post in posts)
    assert not [post.html for post in posts if "<script" in post.html or "javascript:" in post.html]


@elsewhere
def test_renotes_are_boosts_of_the_note_at_its_origin() -> None:
    _, found = entries("notes_renotes")
    assert {entry.key for entry in found} == {"https://mastodon.social/users/garfiald/statuses/105101726394586472"}
    assert [(entry.is_boost, entry.booster is not None) for entry in found] == [(True, True)] * len(found)
    assert {entry.post.author.url for entry in found if entry.post} == {"https://mastodon.social/@garfiald"}


@elsewhere
def test_pictures_emoji_and_answers_are_read() -> None:
    _, (entry,) = entries("note_show")
    assert entry.post is not None
    assert [(each.kind, each.width) for each in entry.post.media] == [("image", 1861), ("image", 507)]
    assert (len(entry.post.emojis), entry.post.reply_to) == (3, f"{HERE}/notes/8dpz71s548")
