"""The placeholder colour of a picture."""

from __future__ import annotations

from typing import Final

from PIL import Image

BASE_83: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
NEUTRAL: Final = "#808080"
BRIGHTEST: Final = 0xFFFFFF


def mean_color(image: Image.Image) -> str:
    """Return the mean of the pixels as `#rrggbb`, each weighted by its opacity; a grey if all are transparent."""
    pixel = image.convert("RGBA").resize((1, 1), Image.Resampling.BOX)
    *color, alpha = pixel.tobytes()
    return f"#{bytes(color).hex()}" if alpha else NEUTRAL


def color_of_blurhash(blurhash: str) -> str:
    """Return `#rrggbb` from a blurhash (https://github.com/woltapp/blurhash, Algorithm.md); empty if it is invalid.

    Characters 2 to 5 are the picture's mean colour as one number in base 83.
    """
    digits = [BASE_83.find(character) for character in blurhash]
    if len(digits) < len("SM0000") or -1 in digits:
        return ""
    down, across = divmod(digits[0], 9)
    if len(digits) != 4 + 2 * (down + 1) * (across + 1):
        return ""
    mean = 0
    for digit in digits[2:6]:
        mean = mean * 83 + digit
    return f"#{mean:06x}" if mean <= BRIGHTEST else ""
