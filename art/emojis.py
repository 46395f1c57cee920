"""The four custom emoji of the invented conference, on a transparent ground."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from art.sheet import CORAL, INK, MUSTARD, NAVY, SNOW, TEAL, Sheet
from art.signs import SIZE, anchor, gull_head

CLEAR = "#ff00ff"  # the ground: a colour that no picture uses, made transparent again


def emoji(name: str) -> Image.Image:
    """128 px square with transparency. Raises KeyError for an unknown name."""
    sheet = Sheet(SIZE, SIZE, CLEAR)
    EMOJIS[name](sheet)
    return sheet.cut_out(CLEAR).resize((128, 128), Image.Resampling.LANCZOS)


def _anchor(s: Sheet) -> None:
    anchor(s, NAVY, 1.42)
    anchor(s, TEAL, 1.34)


def _gull(s: Sheet) -> None:
    s.disc(180, 190, 117, NAVY)  # an edge, so that it shows on white
    s.rect(63, 190, 234, 220, NAVY, 40)
    gull_head(s)


def _lighthouse(s: Sheet) -> None:
    s.poly([(108, 382), (140, 120), (244, 120), (276, 382)], NAVY)
    s.poly([(192, 96), (0, 40), (0, 150)], "#f7d774")
    s.poly([(192, 96), (384, 40), (384, 150)], "#f7d774")
    s.poly([(120, 372), (150, 128), (234, 128), (264, 372)], SNOW)
    s.poly([(142, 190), (242, 190), (249, 244), (135, 244)], CORAL)
    s.poly([(128, 304), (256, 304), (264, 372), (120, 372)], CORAL)
    s.rect(154, 70, 76, 60, MUSTARD)
    s.rect(136, 122, 112, 16, INK, 5)
    s.poly([(140, 72), (192, 14), (244, 72)], "#a63d2f")


def _teapot(s: Sheet) -> None:
    s.arc(86, 214, 62, (80, 280), CORAL, 26)
    s.poly([(270, 200), (330, 150), (370, 132), (352, 190), (290, 280)], CORAL)
    s.disc(194, 232, 122, CORAL, 108)
    s.disc(194, 140, 74, "#a63d2f", 22)
    s.disc(194, 104, 22, "#a63d2f")
    s.rect(120, 318, 148, 26, "#a63d2f", 12)
    s.disc(160, 200, 30, "#f6a58e", 20)


EMOJIS: dict[str, Callable[[Sheet], None]] = {
    "anchor": _anchor,
    "gull": _gull,
    "lighthouse": _lighthouse,
    "teapot": _teapot,
}
