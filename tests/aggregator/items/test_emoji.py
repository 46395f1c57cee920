"""Custom emoji: the codes of a text that are drawn, while the rest stays unchanged."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.items.emoji import MAX_DRAWN, codes, with_emojis
from aggregator.items.wire import Picture
from tests.replay import FIXTURES

CAT_IMAGE = (
    '<img class="emoji" src="/media/catfile/s.webp" alt=":cat:" title=":cat:" width="64" height="64" loading="lazy">'
)
PICTURES = {"cat": Picture(id="catfile", width=64, height=64)}
GOLDEN = json.loads((FIXTURES / "emoji.json").read_text())


@pytest.mark.parametrize("case", GOLDEN, ids=[case["about"] for case in GOLDEN])
def test_codes_are_found_as_the_page_finds_them(case: dict[str, Any]) -> None:
    text, parts, at = case["text"], [], 0
    for start, end in codes(text, case["codes"]):
        parts += [text[at:start], text[start + 1 : end - 1]]
        at = end
    assert [*parts, text[at:]] == case["parts"]


@pytest.mark.parametrize(
    ("html", "drawn"),
    [
        ("<p>A :cat: sat.</p>", f"<p>A {CAT_IMAGE} sat.</p>"),
        (":cat:", CAT_IMAGE),
        (":cat: :cat:", f"{CAT_IMAGE} {CAT_IMAGE}"),
        ("猫:cat:猫", f"猫{CAT_IMAGE}猫"),
        ("<p>:dog:</p>", "<p>:dog:</p>"),
        ("at 10:cat:30", "at 10:cat:30"),
        ("::cat::", "::cat::"),
        ('<a href="https://x/:cat:" title=":cat:">y</a>', '<a href="https://x/:cat:" title=":cat:">y</a>'),
        ('<a title="a > :cat: b">:cat:</a>', f'<a title="a > :cat: b">{CAT_IMAGE}</a>'),
        ("<a title='it&apos;s > :cat: '>y</a>", "<a title='it&apos;s > :cat: '>y</a>"),
        ("&lt;:cat:&gt;", f"&lt;{CAT_IMAGE}&gt;"),
    ],
)
def test_emoji_are_drawn_in_the_text_and_never_in_the_tags(html: str, drawn: str) -> None:
    assert with_emojis(html, PICTURES)[0] == drawn


@given(st.text(alphabet=":cat<>\"' &;x0"))
def test_emoji_change_nothing_but_the_codes(html: str) -> None:
    drawn, count = with_emojis(html, PICTURES)
    assert (drawn.replace(CAT_IMAGE, ":cat:"), drawn.count(CAT_IMAGE)) == (html, count)


def test_emoji_beyond_the_bound_stay_words() -> None:
    html, drawn = with_emojis("<p>" + ":cat: " * (MAX_DRAWN + 50) + "</p>", PICTURES)
    assert drawn == MAX_DRAWN
    assert html == "<p>" + f"{CAT_IMAGE} " * MAX_DRAWN + ":cat: " * 50 + "</p>"


def test_emoji_named_with_signs_of_markup_are_not_drawn() -> None:
    named = {code: Picture(id="f", width=1, height=1) for code in ('a"b', "a<b", "a&amp;b", "a b")}
    html = '<p>:a"b: :a&lt;b: :a&amp;b: :a b:</p>'
    assert with_emojis(html, named) == (html, 0)
