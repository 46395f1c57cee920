"""Draws the social card of a wall: its name and hashtag, in its colours. Pure and synchronous."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from web.pages.about_wall import AboutWall
from web.pages.colours import readable
from web.pages.lettering import Face, drawable, shorten, wrap
from web.pages.mark import paste_mark

SIZE = WIDTH, HEIGHT = 1200, 630
"""The size that link previews expect (https://ogp.me), in pixels."""
EDGE = 84
PAPER, INK, QUIET = "#0d1114", "#f2f5f7", "#aab6bd"
ACCENT, HIGHLIGHT = "#7fd3ea", "#f0a04b"
"""The logo's colours, for a wall without its own."""
BAR = 16
NAME_SIZES = (116, 96, 80, 66, 54)
NAME_LINES = 3
TAG_SIZES = (72, 60, 48, 40)
MOST_LETTERS = 120
"""Characters; more would not be readable, and hashtags have no other limit."""
SERIF, SANS = "newsreader-latin*.woff2", "atkinson-*-latin*.woff2"
"""Hashtags are set in the serif, as on the page: the sans has a slashed zero, which reads as a letter."""


def draw_card(about: AboutWall, site: str, assets: Path) -> bytes:
    """The card as a PNG.

    What the typefaces can't draw is left out, for no other word says the same; so is a hashtag that the wall doesn't
    follow. Without its name, the card has the hashtag in its place.
    """
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    accent, highlight = about.look.accent or ACCENT, about.look.highlight or HIGHLIGHT
    draw.rectangle((0, 0, WIDTH * 0.72, BAR), accent)
    draw.rectangle((WIDTH * 0.72, 0, WIDTH, BAR), highlight)
    serif, sans = _cuts(assets, SERIF), _cuts(assets, SANS)
    tag = drawable(_call(about), Face(serif, TAG_SIZES[-1]))
    title = drawable(about.name[:MOST_LETTERS], Face(serif, NAME_SIZES[-1]))
    below = _write_name(draw, title or tag, serif)
    if title and tag:
        _write_tag(draw, tag, serif, below, readable(accent, PAPER))
    paste_mark(image, (EDGE, HEIGHT - 108), 56)
    small = Face(sans, 34)
    words = drawable(site, small) or "Backchannel"
    small.write(draw, (EDGE + 76, HEIGHT - 68), shorten(words, small, WIDTH - 2 * EDGE - 76), QUIET)
    file = BytesIO()
    image.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _call(about: AboutWall) -> str:
    """The hashtag to post with, as far as it can be read."""
    return f"#{about.call[:MOST_LETTERS]}" if about.call else ""


def _write_name(draw: ImageDraw.ImageDraw, name: str, serif: tuple[Path, ...]) -> float:
    """Write the name as large as it fits; returns the last line's baseline."""
    width = WIDTH - 2 * EDGE
    for size in NAME_SIZES:
        face = Face(serif, size)
        lines = wrap(name, face, width)
        if len(lines) <= NAME_LINES:
            break
    else:
        rest = " ".join(lines[NAME_LINES - 1 :])
        lines = [*lines[: NAME_LINES - 1], shorten(rest, face, width)]
    y = BAR + 64.0
    for line in lines:
        y += face.size * 1.08
        face.write(draw, (EDGE, y), line, INK)
    return y


def _write_tag(draw: ImageDraw.ImageDraw, tag: str, serif: tuple[Path, ...], above: float, colour: str) -> None:
    for size in TAG_SIZES:
        face = Face(serif, size)
        if face.width(tag) <= WIDTH - 2 * EDGE:
            break
    face.write(draw, (EDGE, above + face.size * 1.45), shorten(tag, face, WIDTH - 2 * EDGE), colour)


def _cuts(assets: Path, pattern: str) -> tuple[Path, ...]:
    """The font's files, with plain Latin before its extension."""
    return tuple(sorted(assets.glob(pattern), key=lambda path: "latin-ext" in path.name))
