"""The logo of a wall as an app's icon: whole, on a square that it stands out from. Pure and synchronous."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image

from aggregator.media.color import mean_color
from web.pages.colours import contrast

SIZES: Final = (192, 512)
"""Pixels along each side."""
SAFE: Final = 0.7
"""The logo's part of the width and of the height: what platforms cut off is outside of it for most logos.

The safe zone is a circle of 0.8 (https://w3c.github.io/manifest/#icon-masks).
"""
GROUNDS: Final = ("#ffffff", "#12303b")
"""The light one where both will do."""
ENOUGH: Final = 2.0
"""The contrast with the mean of the logo's pixels from which the light ground will do."""


def draw_logo_icon(webp: bytes, size: int) -> bytes:
    """Return a stored logo as a square PNG."""
    with Image.open(BytesIO(webp), formats=["WEBP"]) as file:
        logo = file.convert("RGBA")
    scale = SAFE * size / max(logo.size)
    width, height = (max(1, round(side * scale)) for side in logo.size)
    logo = logo.resize((width, height), Image.Resampling.LANCZOS)
    icon = Image.new("RGB", (size, size), ground_for(mean_color(logo)))
    icon.paste(logo, ((size - width) // 2, (size - height) // 2), logo)
    made = BytesIO()
    icon.save(made, "PNG", optimize=True)
    return made.getvalue()


def ground_for(color: str) -> str:
    """Return the ground for a logo with this mean colour."""
    light, dark = GROUNDS
    return light if contrast(color, light) >= ENOUGH else dark
