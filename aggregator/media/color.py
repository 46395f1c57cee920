"""The placeholder colour of a picture, and the conversion between sRGB and OKLab."""

from __future__ import annotations

from collections.abc import Iterable

BASE_83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
NEUTRAL = "#808080"
BRIGHTEST = 0xFFFFFF

Triple = tuple[float, float, float]


def average(pixels: Iterable[tuple[int, int, int, int]]) -> str:
    """Return the perceptual mean of RGBA pixels, computed in OKLab.

    Pixels are weighted by their opacity. The mean of fully transparent pixels is a neutral grey.
    """
    total, weight = [0.0, 0.0, 0.0], 0
    for red, green, blue, alpha in pixels:
        for axis, value in enumerate(_to_oklab((red, green, blue))):
            total[axis] += value * alpha
        weight += alpha
    if not weight:
        return NEUTRAL
    lightness, a, b = (axis / weight for axis in total)
    return _hex(_from_oklab((lightness, a, b)))


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


def _to_oklab(pixel: tuple[int, int, int]) -> Triple:
    """Björn Ottosson, “A perceptual color space for image processing”, with its published matrices."""
    r, g, b = (_linear(channel / 255) for channel in pixel)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(color: Triple) -> Triple:
    lightness, a, b = color
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _companded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _companded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _companded(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 (IEC 61966-2-1)


def _companded(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055  # noqa: PLR2004 (the same)


def _hex(color: Triple) -> str:
    return "#" + "".join(f"{round(255 * min(max(channel, 0.0), 1.0)):02x}" for channel in color)
