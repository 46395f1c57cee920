"""Statuses and names without a visible character: they say nothing, whatever their characters are called."""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict

import pytest

from connectors.contract.fields import read
from connectors.networks.mastodon.entities import Account
from connectors.networks.mastodon.people import to_person
from tests.connectors.networks.mastodon.test_reading import ADA
from tests.connectors.networks.mastodon.test_reading import read as read_status

BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800\U00013441\U00013442\U0001d159"
"""Letters and signs by category that show nothing."""


def invisible() -> dict[str, str]:
    """Category → some of its characters, for all categories without a visible one."""
    found: defaultdict[str, str] = defaultdict(str)
    for number in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(number))
        if category[0] in "CZM" and category != "Cs" and len(found[category]) < 300:
            found[category] += chr(number)
    return {**found, "blank letters": BLANK_LETTERS}


INVISIBLE = invisible()
NOTHING = ["", "<p></p>", "<p>\u200b\u200d</p>", "\u00ad", "\u2800", "\u115f", "&#8203;", "<p>&nbsp;<br></p>"]


@pytest.mark.parametrize("content", NOTHING)
@pytest.mark.parametrize("poll", [None, {"options": [{"title": "\u200b"}, {"title": "\u3164"}, {"title": None}]}])
def test_status_without_a_visible_character_says_nothing(content: str, poll: object) -> None:
    found = read_status(content=content, poll=poll)
    assert (found.post, found.broken) == (None, "Unreadable post (1): it has no words, pictures or poll.")


@pytest.mark.parametrize("content", NOTHING)
def test_warning_without_a_visible_character_covers_something(content: str) -> None:
    assert read_status(content=content, spoiler_text="\u200b").broken
    found = read_status(content="<p>Good morning</p>", spoiler_text="\u200b").post
    assert found is not None
    assert found.warning == "…"


@pytest.mark.parametrize(
    "fields",
    [
        {"content": "<p>·</p>"},
        {"content": "<p>\u200b🐈</p>"},
        {"poll": {"options": [{"title": "\u200b"}, {"title": "tea"}]}},
        {"spoiler_text": "Tea"},
        {"media_attachments": [{"type": "image", "url": "https://m.example/a.png"}]},
        {"card": {"url": "https://quay.example/", "title": "\u200b"}},
    ],
)
def test_status_with_anything_to_see_is_a_post(fields: dict[str, object]) -> None:
    assert read_status(**{"content": "<p>\u200b</p>", **fields}).post


@pytest.mark.parametrize("category", INVISIBLE)
def test_name_without_a_visible_character_is_the_user_name(category: str) -> None:
    for name in (INVISIBLE[category], *INVISIBLE[category]):
        account = {**ADA, "display_name": name, "username": name}
        assert to_person(read(account, Account)).name == "ada", ascii(name)


@pytest.mark.parametrize("category", INVISIBLE)
def test_status_of_invisible_characters_says_nothing(category: str) -> None:
    assert read_status(content=f"<p>{INVISIBLE[category]}</p>").broken
