"""An address as a QR code that a page can draw in its own colours. It refuses to know what the address leads to."""

from __future__ import annotations

from itertools import groupby

import msgspec
import segno


class Qr(msgspec.Struct, frozen=True):
    """A square of `size` modules, and the dark ones as an SVG path. The quiet zone around it is the page's to leave."""

    size: int
    path: str


def draw(address: str) -> Qr:
    """Error correction M: a fifteenth of it may be hidden or torn, and the modules stay large."""
    code = segno.make(address, error="m", micro=False)
    rows = [_row(y, list(modules)) for y, modules in enumerate(code.matrix)]
    return Qr(len(rows), "".join(rows))


def _row(y: int, modules: list[int]) -> str:
    """The dark runs of one row, each a rectangle one module high."""
    runs, x = [], 0
    for dark, group in groupby(modules):
        width = len(list(group))
        if dark:
            runs.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(runs)
