"""Hashtags as Mastodon folds them, as people type them, and as they occur in a text."""

from __future__ import annotations

import pytest

from connectors.text.hashtags import carries, fold, read_tag


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Sócitm09", "socitm09"),
        ("ＳＯＣＩＴＭ", "socitm"),  # noqa: RUF001 - full-width on purpose
        ("Łódź", "lodz"),
        ("SMØRREBRØD", "smorrebrod"),
        ("İstanbul", "istanbul"),
        ("東京ガール", "東京ガール"),  # the voicing mark of ガ is not an accent
        ("हिन्दी", "हिन्दी"),
        ("Straße", "straße"),
    ],
)
def test_tags_are_folded_as_mastodon_folds_them(written: str, normal: str) -> None:
    assert (fold(written), fold(normal)) == (normal, normal)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("#Socitm09", "socitm09"),
        (" socitm09 ", "socitm09"),
        ("＃旅", "旅"),  # noqa: RUF001 - as Japanese keyboards write it
        ("#2009", ""),
        ("#", ""),
        ("#a b", ""),
        ("#a/b", ""),
    ],
)
def test_tag_is_read_from_what_people_type(text: str, tag: str) -> None:
    assert read_tag(text) == tag


def test_tag_stands_alone_in_a_text() -> None:
    assert carries("so #socitm091 and #Sócitm09!", frozenset({"socitm09"})) == "socitm09"
    assert carries("so #socitm091 x#socitm09 &#socitm09", frozenset({"socitm09"})) == ""
