"""The social card: drawn quickly for any name, without boxes for missing letters."""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from web.pages.about_wall import AboutWall, Look
from web.pages.build import STATIC
from web.pages.lettering import Face, drawable, shorten, wrap
from web.pages.social_card import SIZE, draw_card

ASSETS = STATIC / "assets"
FACE = Face(tuple(sorted(ASSETS.glob("newsreader-latin*.woff2"))), 40)
NAMES = {
    "usual": "Harbour 26",
    "long": "W" * 120,
    "many words": "a " * 60,
    "from right to left": "مؤتمر الميناء",
    "no letters that we have": "港の会議",
    "emoji": "Harbour \U0001f6a2\U0001f469‍\U0001f467",
    "overridden": "\u202e26 ruobraH",
    "marks on marks": "Z" + "\u0316" * 100,
    "only spaces": "   ",
}


def draw(
    name: str, hashtag: str = "harbour26", assets: Path = ASSETS, accent: str = "", highlight: str = ""
) -> Image.Image:
    return Image.open(BytesIO(draw_card(AboutWall(name, hashtag, Look(accent, highlight)), "Backchannel", assets)))


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_card_is_drawn_soon_whatever_the_name(name: str) -> None:
    started = time.process_time()
    image = draw(name, "w" * 5000)
    assert (image.format, image.size) == ("PNG", SIZE)
    assert time.process_time() - started < 10


def test_card_has_the_colours_of_the_wall() -> None:
    image = draw("Harbour 26", accent="#aa3355", highlight="#22aa55")
    assert (image.getpixel((5, 5)), image.getpixel((1190, 5))) == ((0xAA, 0x33, 0x55), (0x22, 0xAA, 0x55))


def test_card_shows_the_hashtag_where_the_name_cannot_be_drawn() -> None:
    """The name is in the link's title; any other word in its place would be one that nobody chose."""
    for name in ("港の会議", "مؤتمر الميناء", "हार्बर"):
        assert draw(name, "harbour26").tobytes() == draw("#harbour26", "").tobytes()
        assert draw(name, "港").tobytes() == draw("", "").tobytes()


def test_card_without_a_hashtag_has_none() -> None:
    assert draw("Harbour", "").tobytes() == draw("Harbour", "港").tobytes() != draw("Harbour").tobytes()


def test_card_shows_no_hashtag_that_the_wall_does_not_follow() -> None:
    cards = [
        draw_card(AboutWall("Harbour", hashtag, networks=networks), "Backchannel", ASSETS)
        for hashtag, networks in (("h26", []), ("", None), ("h26", None), ("h26", ["mastodon"]))
    ]
    assert cards[0] == cards[1] != cards[2]
    assert cards[2] == cards[3]


def test_card_sets_the_hashtag_in_the_serif_with_its_plain_zero(tmp_path: Path) -> None:
    serif = tmp_path / "serif"
    serif.mkdir()
    for font in FACE.files:
        (serif / font.name).symlink_to(font)
    tag = (0, 300, SIZE[0], 450)
    assert draw("Harbour", "2026", serif).crop(tag).tobytes() == draw("Harbour", "2026").crop(tag).tobytes()


def test_card_is_drawn_in_another_face_where_ours_is_missing(tmp_path: Path) -> None:
    (tmp_path / "newsreader-latin-500.woff2").write_bytes(b"no font at all")
    assert draw("Harbour", assets=tmp_path).tobytes() != draw("Wall", assets=tmp_path).tobytes()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Łódź 26", "Łódź 26"),
        ("Cafe\u0301  bar", "Café bar"),
        ("Harbour \U0001f6a2 26", "Harbour 26"),
        ("\u202eHarbour", "Harbour"),
        ("Harbour 港", ""),
        ("مؤتمر", ""),
    ],
)
def test_drawable_leaves_out_signs_and_never_a_letter(text: str, shown: str) -> None:
    assert drawable(text, FACE) == shown


def test_wrap_breaks_between_words_and_in_a_word_only_where_it_must() -> None:
    assert wrap("one two three", FACE, FACE.width("one two ")) == ["one two", "three"]
    assert wrap("a wwwww b", FACE, FACE.width("www")) == ["a", "www", "ww", "b"]


def test_shorten_says_that_something_is_left_out() -> None:
    assert shorten("Harbour", FACE, FACE.width("Harbour")) == "Harbour"
    assert shorten("Harbour", FACE, FACE.width("Harb…")) == "Harb…"
