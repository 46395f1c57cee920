"""The logo as pixels, as drawn in web/ui/public/favicon.svg. Pure and synchronous."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

GRID = 32
"""Units of the drawing along each side."""
GROUND, WORDS, REPLY = "#12303b", "#7fd3ea", "#f0a04b"
FINER = 4
"""Factor of oversampling, for smooth edges."""
ROUND = 7


def draw_mark(size: int, *, maskable: bool = False) -> Image.Image:
    """The logo in a square of `size` pixels: with round corners, or to the edges if the platform cuts its own shape.

    The drawing stays in the safe zone (https://w3c.github.io/manifest/#icon-masks).
    """
    large = size * FINER
    image = Image.new("RGBA", (large, large), GROUND if maskable else (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    unit = large / GRID
    if not maskable:
        draw.rounded_rectangle((0, 0, large - 1, large - 1), ROUND * unit, GROUND)

    def place(*corners: tuple[int, int]) -> list[tuple[float, float]]:
        return [(x * unit, y * unit) for x, y in corners]

    draw.polygon(place((7, 9), (18, 9), (18, 15), (7, 15)), WORDS)
    draw.polygon(place((7, 18), (14, 18), (14, 23), (7, 23)), WORDS)
    draw.polygon(place((21, 9), (25, 9), (25, 23), (17, 23), (17, 18), (21, 18)), REPLY)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def draw_icon(size: int, *, maskable: bool = False) -> bytes:
    """The logo as a PNG."""
    file = BytesIO()
    draw_mark(size, maskable=maskable).save(file, "PNG", optimize=True)
    return file.getvalue()


def draw_favicon() -> bytes:
    """The logo as an ICO, for browsers that request `/favicon.ico`."""
    file = BytesIO()
    draw_mark(48).save(file, "ICO", sizes=[(16, 16), (32, 32), (48, 48)])
    return file.getvalue()


def paste_mark(image: Image.Image, at: tuple[int, int], size: int) -> None:
    mark = draw_mark(size)
    image.paste(mark, at, mark)
