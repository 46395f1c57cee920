"""Text in pictures, in the product's own typefaces. Pure and synchronous: call it off the event loop."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import cast

from PIL import ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont
NOBODY_S = "\U0010ffff"
"""A character that no font has: a glyph equal to its drawing is missing from the font."""
CUT = "…"


@dataclass(frozen=True)
class Face:
    """A typeface in one size. `files` are its fonts by script, in order of preference.

    If none of them can be read, Pillow's own font is used.
    """

    files: tuple[Path, ...]
    size: int

    @cached_property
    def fonts(self) -> Sequence[Font]:
        return [font for font in map(self._open, self.files) if font] or [
            cast("Font", ImageFont.load_default(self.size))
        ]

    def _open(self, path: Path) -> Font | None:
        try:
            return ImageFont.truetype(path, self.size)
        except OSError:
            return None

    @cached_property
    def _lacking(self) -> list[bytes]:
        return [bytes(font.getmask(NOBODY_S)) for font in self.fonts]

    @cached_property
    def _glyphs(self) -> dict[str, tuple[int | None, float]]:
        return {}

    def has(self, character: str) -> bool:
        return self._glyph(character)[0] is not None

    def width(self, text: str) -> float:
        """The width in pixels, without kerning: rather a little too much than too little."""
        return sum(self._glyph(character)[1] for character in text)

    def _glyph(self, character: str) -> tuple[int | None, float]:
        """The font with this character, if any, and the character's width. Cached: names repeat letters."""
        found = self._glyphs.get(character)
        if found is None:
            having = (n for n, font in enumerate(self.fonts) if self._has(n, font, character))
            number = next(having, None)
            found = self._glyphs[character] = number, self.fonts[number or 0].getlength(character)
        return found

    def _has(self, number: int, font: Font, character: str) -> bool:
        return character == " " or bytes(font.getmask(character)) != self._lacking[number]

    def write(self, draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, colour: str) -> None:
        """Draw the text on a single line, from the left end of its baseline."""
        x, y = at
        for font, part in self._parts(text):
            draw.text((x, y), part, fill=colour, font=font, anchor="ls")
            x += font.getlength(part)

    def _parts(self, text: str) -> list[tuple[Font, str]]:
        runs = groupby(text, key=lambda character: self._glyph(character)[0] or 0)
        return [(self.fonts[n], "".join(part)) for n, part in runs]


def drawable(text: str, face: Face) -> str:
    """The part of `text` that the face can draw; empty if it lacks a letter, a mark or a digit.

    Emoji and symbols may be left out: the name is readable without them.
    """
    kept = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)[0]
        if character.isspace():
            kept.append(" ")
        elif category != "C" and face.has(character):
            kept.append(character)
        elif category in "LMN":
            return ""
    return " ".join("".join(kept).split())


def wrap(text: str, face: Face, width: float) -> list[str]:
    """The text in lines no wider than that. A word wider than a line is broken."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if face.width(longer) <= width:
            lines[-1] = longer
            continue
        lines += _pieces(word, face, width)
    return [line for line in lines if line]


def shorten(text: str, face: Face, width: float) -> str:
    """The text on a single line no wider than that, with `CUT` for the rest."""
    if face.width(text) <= width:
        return text
    while text and face.width(text + CUT) > width:
        text = text[:-1]
    return text.rstrip() + CUT


def _pieces(word: str, face: Face, width: float) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and face.width(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces
