"""Makes a conference's colour readable: contrast is computed as WCAG 2.2 defines it."""

from __future__ import annotations

LEAST = 7.0
STEPS = 20

Rgb = tuple[int, int, int]


def readable(colour: str, paper: str, least: float = LEAST) -> str:
    """`colour` mixed with as little white as makes it readable on the dark `paper`. Both are `#rrggbb`."""
    ground, start = _luminance(_rgb(paper)), _rgb(colour)
    for step in range(STEPS + 1):
        mixed = (_mix(start[0], step), _mix(start[1], step), _mix(start[2], step))
        if (_luminance(mixed) + 0.05) / (ground + 0.05) >= least:
            break
    return f"#{mixed[0]:02x}{mixed[1]:02x}{mixed[2]:02x}"


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21. Both are `#rrggbb`."""
    dark, light = sorted(_luminance(_rgb(each)) for each in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _mix(channel: int, step: int) -> int:
    return round(channel + (255 - channel) * step / STEPS)


def _rgb(colour: str) -> Rgb:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 (IEC 61966-2-1)
