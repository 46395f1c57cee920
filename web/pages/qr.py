"""URLs as QR codes that a page can draw in its own colours."""

from __future__ import annotations

from itertools import groupby

import msgspec
import segno


class Qr(msgspec.Struct, frozen=True):
    """A square of `size` modules, with the dark ones as an SVG path. The page adds the quiet zone."""

    size: int
    path: str


def draw(address: str) -> Qr:
    """The QR code of an URL. Error correction M survives 15 % of damage and keeps the modules large."""
    code = segno.make(address, error="m", micro=False)
    rows = [_row(y, list(modules)) for y, modules in enumerate(code.matrix)]
    return Qr(len(rows), "".join(rows))


def _row(y: int, modules: list[int]) -> str:
    """The dark runs of one row, as rectangles one module high."""
    runs, x = [], 0
    for dark, group in groupby(modules):
        width = len(list(group))
        if dark:
            runs.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(runs)
