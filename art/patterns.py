"""Pictures made of rules: rings, waves, stars, knots, a graph."""

from __future__ import annotations

import math
from functools import partial
from random import Random

from art.sheet import (
    CORAL,
    CREAM,
    INK,
    MUSTARD,
    NAVY,
    NIGHT,
    SEA,
    SNOW,
    SQUARE,
    TEAL,
    WIDE,
    Sheet,
    below,
    mixed,
)


def tide_rings() -> Sheet:
    """Two tides a day for a lunar month, wound into rings."""
    s = Sheet(*SQUARE, NAVY)
    s.fade("#12233f", "#1b3a5b")
    for day in range(28, 0, -2):
        spring = abs(math.cos(day / 28 * math.tau))
        base, reach = 66 + day * 15, 6 + 19 * spring
        points = []
        for a in range(0, 361, 2):
            t = math.radians(a)
            r = base + reach * math.sin(2 * t + day * 0.42)
            points.append((540 + r * math.cos(t), 540 + r * math.sin(t)))
        s.line(points, mixed(mixed(TEAL, CREAM, day / 34), CORAL, 0.85 if spring > 0.93 else 0), 4 + 5 * spring)
    s.disc(540, 540, 38, CORAL)
    s.disc(556, 530, 34, "#15294a")
    return s


def fog_horn() -> Sheet:
    """The horn as the sound desk saw it."""
    s = Sheet(*WIDE, NIGHT)
    s.fade("#0d1730", "#101d3a")
    for i in range(150):
        x = 15 + i * 8.4
        t = (i - 75) / 75
        swell = math.exp(-((t * 2.1) ** 2)) * (0.66 + 0.34 * math.sin(i * 0.55) * math.cos(i * 0.21))
        h = 6 + 318 * swell
        tone = (
            mixed(SEA, CORAL, min(1, swell * 1.6)) if swell < 0.55 else mixed(CORAL, "#ffe9a8", (swell - 0.55) / 0.45)
        )
        s.line([(x, 360 - h), (x, 360 + h)], tone, 3.7)
    s.line([(0, 360), (1280, 360)], "#0d1730", 1.4)
    return s


def constellation() -> Sheet:
    s = Sheet(*SQUARE, NIGHT)
    s.fade("#0f1a36", "#1c2c55")
    rng = Random(31)  # stars
    s.halo(560, 520, 300, "#34508f", 0.55, 120)
    stars = [(rng.uniform(50, 1030), rng.uniform(50, 1030)) for _ in range(90)]
    for i, (x, y) in enumerate(stars):
        for px, py in sorted(stars[:i], key=partial(math.dist, (x, y)))[:2]:
            if math.dist((px, py), (x, y)) < 150:
                s.line([(x, y), (px, py)], "#43599a", 1.5)
    for x, y in stars:
        s.disc(x, y, rng.choice((2.5, 3.5, 5)), mixed("#7f97d6", SNOW, rng.random()))
    for i in range(9):
        a = math.radians(i * 40 + 12)
        r = 270 + 74 * math.sin(i * 2.1)
        x, y = 545 + r * math.cos(a), 530 + r * math.sin(a)
        s.line([(545, 530), (x, y)], MUSTARD, 2.4)
        s.halo(x, y, 22, MUSTARD, 0.5, 10)
        s.disc(x, y, 12, "#ffe3a0")
    s.halo(545, 530, 56, CORAL, 0.85, 24)
    s.disc(545, 530, 27, CORAL)
    s.disc(545, 530, 11, SNOW)
    return s


def stripes() -> Sheet:
    """Interference stripes of projector B."""
    s = Sheet(*WIDE, "#f4f2ec")
    for i in range(36):
        points = [
            (x, i * 44 - 380 + 74 * math.sin(x / 190 + i * 0.045) + 26 * math.sin(x / 61 - i * 0.09))
            for x in range(-20, 1301, 6)
        ]
        s.line(points, "#11151d", 21)
    return s


def knots() -> Sheet:
    s = Sheet(*SQUARE, "#16335c")
    s.fade("#1a3b68", "#122a4d")
    s.rect(36, 36, 1008, 1008, "#cdbb93", 4)
    s.rect(39, 39, 1002, 1002, "#16335c", 3)
    shapes = ((2, 3), (3, 5), (3, 4), (2, 5), (3, 7), (2, 7))
    for i, turns in enumerate(shapes):
        x, y = 230 + (i % 3) * 310, 310 + (i // 3) * 440
        _knot(s, (x, y), turns)
        s.text(x, y + 186, ("BIGHT", "ROSE", "CARRICK", "STAR", "WREATH", "BEND")[i], 23, "#cdbb93", weight=0.3)
    return s


def wifi_graph() -> Sheet:
    s = Sheet(*WIDE, "#0a120f")
    for i in range(8):
        s.line([(90, 110 + i * 72), (1220, 110 + i * 72)], "#15241d", 1.5)
    for i in range(13):
        s.line([(90 + i * 94, 90), (90 + i * 94, 620)], "#15241d", 1.5)
    curve = []
    rng = Random(2)  # jitter
    for i in range(227):
        t = i / 226
        level = 0.86 * math.exp(-(((t - 0.25) / 0.15) ** 4)) + 0.78 * math.exp(-(((t - 0.76) / 0.15) ** 4)) + 0.04
        level -= 0.62 * math.exp(-(((t - 0.2) / 0.008) ** 2)) + 0.3 * math.exp(-(((t - 0.3) / 0.02) ** 2))
        curve.append((90 + 1130 * t, 620 - 500 * max(0.02, level) + rng.uniform(-5, 5)))
    s.veil(below(curve, 620), "#2fd07f", 0.28)
    s.line(curve, "#4be39a", 4)
    s.line([(90, 620), (1220, 620)], "#2c4a3c", 3)
    s.line([(316, 560), (316, 640)], MUSTARD, 2.5)
    s.text(316, 662, "(( HORN ))", 26, MUSTARD, weight=0.4)
    s.text(90, 62, "HARBOUR-GUEST   devices", 30, "#8fe9bd", weight=0.25, anchor="lm")
    s.text(1220, 62, "640 peak", 30, "#8fe9bd", weight=0.25, anchor="rm")
    s.text(590, 662, "day one", 24, "#5f7f70", anchor="rm")
    s.text(1100, 662, "day two", 24, "#5f7f70", anchor="rm")
    return s


def forgetting() -> Sheet:
    s = Sheet(*WIDE, "#f5eedd")
    rng = Random(5)  # the ink runs out
    for ring in range(24):
        r = 30 + ring * 39
        dots = int(r * 0.4)
        for i in range(dots):
            a = i / dots * math.tau + ring * 0.11
            x, y = 330 + r * math.cos(a), 360 + r * math.sin(a)
            kept = max(0.0, 1 - max(0.0, x - 60) / 1180)
            if rng.random() < kept**1.25:
                s.disc(x, y, 3 + 14 * kept**1.6, mixed("#b8c1cf", INK, kept))
    s.disc(1085, 250, 10, CORAL)
    return s


def _knot(s: Sheet, place: tuple[float, float], turns: tuple[int, int]) -> None:
    """A line wound around a ring, drawn from the lowest stretch to the highest, each with a dark edge."""
    steps, piece = 480, 4

    def point(i: int) -> tuple[float, float]:
        t = i / steps * math.tau
        r = 1 + 0.4 * math.cos(turns[1] * t)
        return place[0] + 96 * r * math.cos(turns[0] * t - 1.57), place[1] + 96 * r * math.sin(turns[0] * t - 1.57)

    heights = sorted(range(0, steps, piece), key=lambda i: math.sin(turns[1] * (i + piece / 2) / steps * math.tau))
    for start in heights:
        s.line([point(i) for i in range(start, start + piece + 1)], "#16335c", 27, ends=False)
        s.line([point(i) for i in range(start - 3, start + piece + 4)], CREAM, 14)
