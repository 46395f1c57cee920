"""Recorded replies of a real AppView, read in full: each post by its URI, and nothing lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.networks.bluesky.errors import refused
from connectors.networks.bluesky.reading import Entry, read_listing
from connectors.networks.bluesky.values import moment
from tests.recorded import elsewhere, path

pytestmark = elsewhere
NOW = "2026-11-28T09:00:00+00:00"


def recorded(name: str) -> Any:
    return json.loads(path(f"bluesky/{name}.json").read_text())


def listed(name: str, list_: str) -> tuple[Entry, ...]:
    return read_listing(json.dumps(recorded(name)["body"]).encode(), list_, NOW).entries


@pytest.mark.parametrize(
    ("name", "list_"),
    [
        ("authorFeed_page1", "feed"),
        ("authorFeed_bob_with_repost_quote", "feed"),
        ("searchPosts_page1", "posts"),
        ("searchPosts_page2", "posts"),
        ("getPosts_deleted_omitted", "posts"),
    ],
)
def test_listings_are_read_whole(name: str, list_: str) -> None:
    views = [item["post"] if list_ == "feed" else item for item in recorded(name)["body"][list_]]
    found = listed(name, list_)
    assert [(entry.key, entry.broken) for entry in found] == [(view["uri"], "") for view in views]
    html = "".join(entry.post.html for entry in found if entry.post)
    assert ("<script" in html, "javascript:" in html, "\u202e" in html) == (False, False, False)


def test_post_from_the_future_counts_as_written_when_it_was_indexed() -> None:
    future = listed("searchPosts_page1", "posts")[0]
    assert future.at == datetime(2026, 11, 23, 9, 30, 48, 382000, tzinfo=UTC)


def test_tag_is_found_wherever_it_hides() -> None:
    found = [*listed("searchPosts_page1", "posts"), *listed("searchPosts_page2", "posts")]
    assert {entry.post.tags for entry in found if entry.post} == {("socitm09",)}


def test_repost_quote_and_reply_of_a_real_feed() -> None:
    boost, reply, quote, *_ = listed("authorFeed_bob_with_repost_quote", "feed")
    assert (boost.is_boost, boost.booster and boost.booster.handle) == (True, "@bob.test")
    assert reply.post is not None
    assert quote.post is not None
    assert quote.post.quote is not None
    assert (reply.post.reply_to, quote.post.quote.key) == (boost.key, boost.key)
    assert boost.post is not None
    assert quote.post.quote.html == boost.post.html


def test_warning_of_a_real_self_label() -> None:
    slides = listed("authorFeed_page1", "feed")[3].post
    assert slides is not None
    assert (slides.warning, slides.sensitive, [media.alt for media in slides.media]) == (
        "Graphic pictures",
        True,
        ['Test card: "colour bars" <b>& emoji 😀', ""],
    )


def test_error_of_a_real_service() -> None:
    body = json.dumps(recorded("error_bad_actor")["body"]).encode()
    error = refused("view.example", Rejected("", 400, body), has_login=False)
    assert (error.name, error.message, error.is_unknown) == ("InvalidRequest", "Profile not found", True)


def test_dates_of_every_valid_form_are_read() -> None:
    """Moved on by two thousand years, since a date before 1990 is an unset value."""
    lines = path("bluesky/interop_datetime_syntax_valid.txt").read_text().splitlines()
    dates = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    assert len(dates) > 20
    assert [date for date in dates if moment(f"{int(date[:4]) + 2_000}{date[4:]}") is None] == []
    assert moment("2026-11-23T09:30:48-23:59") == datetime(2026, 11, 24, 9, 29, 48, tzinfo=UTC)
    assert [moment(date) for date in ("1970-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00", "yesterday", 7)] == [
        None
    ] * 4
