"""Recorded replies of real servers, read in full: each writes a status in its own way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Attachment, Choice, LinkCard, Poll, Post
from connectors.contract.fields import read
from connectors.networks.mastodon.entities import Status
from connectors.networks.mastodon.posts import to_post
from tests.recorded import elsewhere, path

FIRST_SEEN = datetime(2026, 1, 1, tzinfo=UTC)


def recorded(name: str) -> Any:
    """The body of a recorded reply, or of each reply in a sequence."""
    found = json.loads(path(name).read_text())
    if isinstance(found, dict):
        return found["body"]
    return [entry.get("body", entry) for entry in found]


def posts(name: str) -> list[Post]:
    return [to_post(read(status, Status), FIRST_SEEN) for status in recorded(name)]


def one(name: str) -> Post:
    return to_post(read(recorded(name), Status), FIRST_SEEN)


ALL = [
    pytest.param("mastodon/tag_timeline_one.json", 1, marks=elsewhere),
    pytest.param("mastodon/public_timeline.json", 8, marks=elsewhere),
    ("gotosocial/tag_page1_limit5.json", 5),
    ("gotosocial/tag_page2_max_id.json", 4),
    ("takahe/tag_timeline.json", 3),
    pytest.param("pleroma/statuses.json", 3, marks=elsewhere),
]


@pytest.mark.parametrize(("name", "count"), ALL)
def test_timelines_of_real_servers_are_read_whole(name: str, count: int) -> None:
    statuses = recorded(name)
    found = posts(name)
    assert [post.key for post in found] == [status["uri"] for status in statuses]
    assert len(found) == count
    assert all(post.author.handle.count("@") == 2 and post.url and post.created_at.tzinfo is UTC for post in found)
    assert not [post.html for post in found if "<script" in post.html or "javascript:" in post.html]


@elsewhere
def test_walked_timeline_of_mastodon_is_read_whole() -> None:
    pages = recorded("mastodon/tag_timeline_pages_max_id.json")
    assert [len(page) for page in pages] == [10, 10, 10, 0]
    assert len({to_post(read(status, Status), FIRST_SEEN).key for page in pages for status in page}) == 30


def test_gotosocial_media_have_alt_text_size_and_blurhash() -> None:
    first, second = posts("gotosocial/tag_page1_limit5.json")[0].media
    assert first == Attachment(
        kind="image",
        url=first.url,
        preview=first.preview,
        alt='Test card: colour bars; "quotes" & emoji 😀',
        width=320,
        height=240,
        focus=(0.0, 0.0),
        blurhash="L*JbaAM-rdK.xaRXS|XKn$ibr@Rl",
    )
    assert (first.url.endswith("T3J.png"), first.preview.endswith("T3J.jpeg"), second.alt) == (True, True, "")


def test_gotosocial_poll_and_warning() -> None:
    _, poll, warned, *_ = posts("gotosocial/tag_page1_limit5.json")
    assert poll.poll == Poll(
        choices=(Choice(title="A", votes=0), Choice(title="B", votes=0)),
        voters=0,
        multiple=True,
        closes_at=datetime(2026, 11, 23, 10, 29, 47, 828000, tzinfo=UTC),
    )
    assert (warned.warning, warned.sensitive) == ("CW: food 🍕 <b", True)


def test_takahe_words_that_look_like_markup_stay_words() -> None:
    _, script, rtl = posts("takahe/tag_timeline.json")
    assert script.html.startswith("<p>&lt;script&gt;alert(1)&lt;/script&gt; ")
    assert ("مرحبا 東京 👩🏽‍💻" in rtl.html, rtl.tags) == (True, ("socitm09",))


@elsewhere
def test_mastodon_poll_of_the_past() -> None:
    found = one("mastodon/status_poll_real.json")
    assert found.poll == Poll(
        choices=(
            Choice(title="real", votes=8),
            Choice(title="fr fr", votes=17),
            Choice(title="so true", votes=14),
            Choice(title=":hecker:", votes=25),
        ),
        votes=64,
        voters=47,
        multiple=True,
        closes_at=datetime(2023, 5, 29, 12, 51, 38, tzinfo=UTC),
        closed=True,
    )
    assert set(found.emojis) >= {"hecker", "icosahedron"}


@elsewhere
def test_mastodon_audio_keeps_its_still_picture() -> None:
    (sound,) = one("mastodon/status_media_audio.json").media
    assert (sound.kind, sound.url, sound.preview, sound.width, sound.height) == (
        "audio",
        "https://mastodon.social/media_proxy/110447012463944310/original",
        "https://mastodon.social/media_proxy/110447012463944310/small",
        554,
        416,
    )


@elsewhere
def test_mastodon_card_leads_to_its_page() -> None:
    assert one("mastodon/status_preview_card_author.json").card == LinkCard(
        url="https://halcy.itch.io/cat-game",
        title="cat game by halcy",
        site="halcy.itch.io",
        description="a game about cats",
    )


@elsewhere
def test_mastodon_edit_is_the_same_key_with_newer_content() -> None:
    before, *later = [
        to_post(read(body, Status), FIRST_SEEN)
        for body in recorded("mastodon/status_edit_sequence.json")
        if isinstance(body, dict) and "uri" in body
    ]
    after = later[-1]
    assert (before.edited_at, after.key) == (None, before.key)
    assert after.edited_at is not None
    assert after.html != before.html


@elsewhere
def test_mastodon_mentions_and_emoji_of_a_real_status() -> None:
    body = recorded("mastodon/status_custom_emoji_mentions.json")
    found = to_post(read(body, Status), FIRST_SEEN)
    assert set(found.emojis) >= {emoji["shortcode"] for emoji in body["emojis"]}
    assert [mention.url for mention in found.mentions] == [mention["url"] for mention in body["mentions"]]
    assert found.edited_at is not None


@elsewhere
def test_mastodon_quote_that_was_accepted_is_shown() -> None:
    body = recorded("mastodon/status_quote_create_delete.json")[0]
    found = to_post(read(body, Status), FIRST_SEEN).quote
    assert found is not None
    assert (found.key, found.author.handle) == (
        body["quote"]["quoted_status"]["uri"],
        "@mastodonpy_test@localhost:3000",
    )
