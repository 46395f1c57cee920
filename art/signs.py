"""Signs of a trade: the avatars of organisations, and shapes shared with the emoji."""

from __future__ import annotations

import math
from collections.abc import Callable

from art.sheet import (
    BRICK,
    CORAL,
    CREAM,
    INK,
    MUSTARD,
    NAVY,
    NIGHT,
    PLUM,
    ROSE,
    SEA,
    SNOW,
    TEAL,
    Sheet,
    below,
    wave,
)

SIZE = 384  # drawn; kept at half of it


def _conference() -> Sheet:
    s = Sheet(SIZE, SIZE, CORAL)
    s.text(192, 168, "26", 250, CREAM, weight=0.9)
    for i, tone in enumerate((TEAL, SEA, NAVY)):
        s.poly(below(wave(SIZE, 246 + i * 44, 12, 170 + i * 30, i * 0.3), 400), tone)
    return s


def _harbourmaster() -> Sheet:
    s = Sheet(SIZE, SIZE, NAVY)
    s.disc(192, 192, 150, CREAM)
    anchor(s, NAVY, 1.0)
    return s


def anchor(s: Sheet, ink: str, k: float) -> None:
    s.ring(192, 192 - 92 * k, 24 * k, ink, 13 * k)
    s.line([(192, 192 - 66 * k), (192, 192 + 100 * k)], ink, 19 * k)
    s.line([(192 - 48 * k, 192 - 40 * k), (192 + 48 * k, 192 - 40 * k)], ink, 17 * k)
    s.arc(192, 192 + 8 * k, 92 * k, (12, 168), ink, 19 * k)
    for side in (-1, 1):
        s.poly(
            [
                (192 + side * 112 * k, 192 - 6 * k),
                (192 + side * 64 * k, 192 + 24 * k),
                (192 + side * 106 * k, 192 + 54 * k),
            ],
            ink,
        )


def _gull() -> Sheet:
    s = Sheet(SIZE, SIZE, MUSTARD)
    gull_head(s)
    s.poly([(150, 330), (192, 346), (150, 366)], BRICK)
    s.poly([(234, 330), (192, 346), (234, 366)], BRICK)
    return s


def gull_head(s: Sheet) -> None:
    s.disc(180, 190, 106, SNOW)
    s.rect(74, 190, 212, 220, SNOW, 40)
    s.poly([(270, 160), (374, 192), (366, 222), (274, 226)], "#f08a24")
    s.line([(276, 196), (360, 204)], "#c86a10", 5)
    s.disc(216, 166, 27, "#f3d271")
    s.disc(222, 166, 13, INK)
    s.line([(178, 128), (222, 124), (252, 142)], INK, 12)


def _wifi() -> Sheet:
    s = Sheet(SIZE, SIZE, "#0d2b26")
    s.disc(192, 290, 25, "#5ff0b0")
    for i in range(3):
        s.arc(192, 290, 76 + i * 56, (222, 318), "#5ff0b0", 26)
    return s


def _slipway() -> Sheet:
    s = Sheet(SIZE, SIZE, PLUM)
    s.disc(192, 410, 220, CORAL)
    s.rect(140, 66, 104, 170, CREAM, 52)
    s.arc(192, 190, 88, (0, 180), CREAM, 17)
    s.line([(192, 280), (192, 330)], CREAM, 17)
    s.line([(140, 334), (244, 334)], CREAM, 17)
    return s


def _ferry() -> Sheet:
    s = Sheet(SIZE, SIZE, "#bfe0e2")
    s.rect(120, 150, 150, 70, SNOW, 10)
    s.poly([(196, 152), (204, 84), (246, 84), (250, 152)], CORAL)
    for i in range(4):
        s.disc(144 + i * 34, 186, 10, SEA)
    s.poly([(60, 214), (326, 214), (284, 296), (96, 296)], NAVY)
    s.poly(below(wave(SIZE, 284, 10, 130), 400), SEA)
    s.poly(below(wave(SIZE, 326, 10, 150, 0.4), 400), "#12425c")
    return s


def _bollard() -> Sheet:
    s = Sheet(SIZE, SIZE, BRICK)
    s.rect(256, 170, 74, 96, CREAM, 46)
    s.rect(274, 190, 38, 56, BRICK, 26)
    s.poly([(88, 140), (286, 140), (266, 310), (108, 310)], CREAM)
    s.disc(187, 140, 99, "#6b3d22", 19)
    for i in range(3):
        s.line([(140 + i * 46 + 9 * math.sin(y / 13), y) for y in range(44, 108, 4)], ROSE, 9)
    return s


def _moon() -> Sheet:
    s = Sheet(SIZE, SIZE, NIGHT)
    s.fade("#2a0f52", "#b01f8f")
    s.disc(270, 110, 66, "#ffe45e")
    s.poly([(150, 240), (182, 120), (232, 66), (250, 140), (226, 262)], SNOW)
    s.disc(206, 158, 21, "#25d0f0")
    s.poly([(150, 240), (110, 300), (162, 284)], "#ff4d6d")
    s.poly([(226, 262), (250, 320), (206, 290)], "#ff4d6d")
    s.poly([(160, 276), (140, 366), (206, 284)], "#ffb020")
    return s


SIGNS: dict[str, Callable[[], Sheet]] = {
    "harbour26": _conference,
    "dunstan": _harbourmaster,
    "gull": _gull,
    "wifi": _wifi,
    "slipway": _slipway,
    "ferry": _ferry,
    "bollard": _bollard,
    "moon": _moon,
}
