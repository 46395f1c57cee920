"""Pictures drawn by hand: sketch-notes, maps, sticky notes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from random import Random

from art.sheet import (
    CORAL,
    INK,
    MUSTARD,
    NAVY,
    SEA,
    SNOW,
    SQUARE,
    TALL,
    TEAL,
    WIDE,
    Point,
    Sheet,
    below,
    curve,
    mixed,
    turned,
    wave,
)


def sketchnote_keynote() -> Sheet:
    s = _page("#f4ecdc")
    s.text(90, 110, "what the tide", 84, INK, weight=0.55, anchor="lm")
    s.text(90, 200, "tables knew", 84, INK, weight=0.55, anchor="lm")
    s.line(wobbly([(90, 258), (640, 246)], 4), CORAL, 9)
    swell = wave(700, 560, 92, 360, 0.1)
    s.poly(below([(x + 70, y) for x, y in swell if x < 420], 720), "#bfdde0")
    s.line([(x + 70, y) for x, y in swell if x < 420], SEA, 11)
    s.line([(x + 70, y + 60) for x, y in swell if x < 420], SEA, 6)
    for i, h in enumerate((90, 170, 260, 210, 120)):
        x = 560 + i * 80
        _box(s, (x, 720 - h, 54, h), i)
        for j in range(int(h / 20)):
            s.line([(x + 4, 716 - j * 20), (x + 46, 700 - j * 20)], SEA, 3)
    s.line(wobbly([(60, 724), (970, 722)], 3), INK, 6)
    _note(s, (90, 800, 380, 150), ("no log-in", "no cookies"), "#f7d774")
    _note(s, (560, 800, 380, 150), ("the paper was in", "the WRONG PLACE"), None)
    _arrow(s, (476, 870), (552, 870))
    _note(s, (90, 1030, 850, 160), ("“your job is", "the answering”"), "#f6c9bd")
    _arrow(s, (740, 956), (690, 1022))
    s.disc(900, 140, 46, "#f7d774")
    for i in range(10):
        a = i * math.tau / 10
        s.line(
            [(900 + 62 * math.cos(a), 140 + 62 * math.sin(a)), (900 + 86 * math.cos(a), 140 + 86 * math.sin(a))], INK, 5
        )
    return s


def sketchnote_captions() -> Sheet:
    s = _page("#f8f3e6")
    s.text(512, 120, "CAPTIONS first", 96, INK, weight=0.65)
    s.line(wobbly([(150, 190), (870, 182)], 4), TEAL, 10)
    s.rect(90, 270, 330, 240, INK, 34)
    s.rect(99, 279, 312, 222, "#f8f3e6", 27)
    s.text(255, 390, "C", 170, CORAL, weight=0.9)
    bubble = [(560, 290), (920, 280), (930, 470), (720, 478), (660, 540), (664, 480), (556, 474)]
    s.poly(bubble, "#c9e7e2")
    s.line([*wobbly(bubble, 2), bubble[0]], INK, 7)
    for i, w in enumerate((280, 310, 190)):
        s.line([(596, 336 + i * 48), (596 + w, 334 + i * 48)], INK, 8)
    ear = [(250, 640), (330, 600), (420, 640), (432, 740), (370, 800), (350, 900), (280, 930), (236, 880)]
    s.line(curve(ear), INK, 13)
    s.line(curve([(300, 690), (370, 680), (372, 750), (320, 770), (330, 830)]), CORAL, 10)
    for i in range(3):
        s.arc(230, 740, 60 + i * 44, (150, 215), TEAL, 9)
    _note(s, (530, 640, 410, 130), ("guess who has to", "do the guessing?"), "#f7d774")
    _note(s, (530, 820, 410, 130), ("build the ramp,", "watch the prams"), None)
    for a, b in (((440, 390), (545, 380)), ((470, 720), (522, 706)), ((730, 776), (730, 812))):
        _arrow(s, a, b, dotted=True)
    s.rect(90, 1030, 850, 150, INK, 12)
    s.text(512, 1106, "[LIGHTHOUSE ANSWERS]", 60, "#ffe9a8", weight=0.3)
    return s


def evacuation() -> Sheet:
    s = Sheet(*TALL, "#9ed0dd")
    tones = ("#fbe3b5", "#f2e6a6", "#d5e3a0", "#add696", "#82c48b", "#56ae81")
    for i, tone in enumerate(tones):
        base = 940 - i * 138
        s.poly(
            below(
                [(x, base + 46 * math.sin(x / 150 + i) + 24 * math.sin(x / 61 + i * 2)) for x in range(0, 1025, 8)], -10
            ),
            tone,
        )
    for i in range(7):
        s.line(wave(1024, 1040 + i * 34, 6, 120, i * 0.3), "#7fbccb", 3)
    rng = Random(6)  # a town
    for i in range(70):
        x, y = rng.uniform(50, 950), rng.uniform(330, 880)
        s.rect(x, y, rng.uniform(22, 46), rng.uniform(18, 34), "#fffaf0" if i % 5 else "#e9c9a0", 3)
    for route in (
        [(210, 930), (250, 780), (200, 620), (330, 450), (470, 310)],
        [(800, 900), (740, 720), (800, 560), (690, 420), (560, 300)],
        [(510, 900), (490, 740), (540, 580), (512, 340)],
    ):
        path = curve(route)
        s.line(path, SNOW, 34)
        s.line(path, "#d8322a", 22)
    s.disc(512, 232, 104, SNOW)
    s.disc(512, 232, 90, "#1c8a5b")
    for dx in (-38, 0, 38):
        s.disc(512 + dx, 214 - (dx == 0) * 14, 15, SNOW)
        s.rect(497 + dx, 234 - (dx == 0) * 14, 30, 52, SNOW, 13)
    s.rect(60, 1130, 904, 96, NAVY, 14)
    s.text(512, 1180, "UP THE HILL. DO NOT WAIT.", 54, SNOW, weight=0.5)
    return s


def town_map() -> Sheet:
    s = Sheet(*SQUARE, "#f3e4c6")
    rng = Random(14)  # streets
    tones = ("#e2b48c", "#d98f6c", "#e9cda0", "#c97b5f", "#efdcb6")
    for row in range(9):
        for col in range(9):
            w, h = 78 + rng.uniform(-10, 22), 74 + rng.uniform(-8, 24)
            quad: list[Point] = [(30 + col * 120, 30 + row * 118), (30 + col * 120 + w, 34 + row * 118)]
            quad += [(30 + col * 120 + w + 5, 30 + row * 118 + h), (26 + col * 120, 32 + row * 118 + h)]
            s.poly(turned(quad, 540, 540, -9), "#a9c48d" if rng.random() < 0.12 else rng.choice(tones))
    bay = curve([(1090, 380), (820, 430), (640, 560), (610, 720), (720, 860), (700, 1090), (1090, 1090)], 5)
    s.line(bay, "#f3e4c6", 52)
    s.poly(bay, "#5fa9bd")
    for i in range(6):
        s.arc(1010, 900, 90 + i * 62, (150, 250), "#8cc5d3", 4)
    s.line([(640, 560), (820, 650), (900, 640)], "#f3e4c6", 30)
    small_tower(s, 900, 640)
    path = curve([(190, 240), (330, 300), (370, 470), (520, 500), (600, 520), (800, 640), (880, 640)])
    for i in range(0, len(path), 5):
        s.disc(*path[i], 8, NAVY)
    s.disc(190, 240, 34, CORAL)
    s.disc(190, 240, 14, SNOW)
    s.text(246, 196, "start here", 42, INK, weight=0.4, anchor="lm")
    s.text(856, 960, "the sea", 50, SNOW, weight=0.35)
    s.text(420, 545, "crab rolls", 34, INK, weight=0.4)
    return s


def sticky_wall() -> Sheet:
    s = Sheet(*WIDE, "#e8e4da")
    s.fade("#efebe2", "#dcd6c8")
    rng = Random(23)  # as people stick notes
    tones = ("#f8d568", "#f29a7e", "#7ccbbd", "#f3b3c4", "#a9d3ee")
    for col in range(8):
        for row in range(3 + (col * 5) % 3):
            x, y = 80 + col * 146 + rng.uniform(-9, 9), 66 + row * 128 + rng.uniform(-9, 9)
            lean, tone = rng.uniform(-6, 6), tones[(col + row * 2 + int(rng.random() * 2)) % 5]
            note = turned([(x, y), (x + 112, y), (x + 112, y + 108), (x, y + 108)], x + 56, y + 50, lean)
            s.veil([(px + 4, py + 9) for px, py in note], "#6a6354", 0.35, 8)
            s.poly(note, tone)
            for i in range(rng.choice((2, 3))):
                line = [(x + 16, y + 34 + i * 23), (x + 16 + rng.uniform(40, 80), y + 34 + i * 23)]
                s.line(wobbly(turned(line, x + 56, y + 50, lean), 2), mixed(tone, INK, 0.68), 4)
    s.line(curve([(70, 640), (360, 560), (640, 660), (930, 560), (1180, 610)]), INK, 7)
    s.line([(1136, 570), (1184, 611), (1128, 640)], INK, 7)
    return s


def _page(paper: str) -> Sheet:
    s = Sheet(*TALL, paper)
    for row in range(31):
        for col in range(25):
            s.disc(32 + col * 40, 40 + row * 40, 1.6, mixed(paper, INK, 0.2))
    return s


def small_tower(s: Sheet, x: float, y: float) -> None:
    s.poly([(x - 26, y + 40), (x - 17, y - 90), (x + 17, y - 90), (x + 26, y + 40)], SNOW)
    for i in range(2):
        s.poly(
            [
                (x - 19 - i * 4, y - 62 + i * 54),
                (x + 19 + i * 4, y - 62 + i * 54),
                (x + 21 + i * 4, y - 36 + i * 54),
                (x - 21 - i * 4, y - 36 + i * 54),
            ],
            "#c8402f",
        )
    s.rect(x - 13, y - 122, 26, 32, MUSTARD)
    s.poly([(x - 20, y - 120), (x, y - 146), (x + 20, y - 120)], "#c8402f")


def _note(s: Sheet, box: tuple[float, float, float, float], words: tuple[str, str], fill: str | None) -> None:
    x, y, w, h = box
    if fill:
        s.rect(x + 8, y + 8, w, h, fill, 12)
    _box(s, box, int(x))
    for i, line in enumerate(words):
        s.text(x + w / 2, y + h * (0.32 + 0.38 * i), line, min(54, w / 9), INK, weight=0.3)


def _box(s: Sheet, box: tuple[float, float, float, float], seed: int) -> None:
    x, y, w, h = box
    d = (seed % 5) - 2
    s.line([(x, y + d), (x + w, y - d), (x + w - d, y + h), (x + d, y + h - d), (x, y + d - 5)], INK, 6)


def _arrow(s: Sheet, a: Point, b: Point, *, dotted: bool = False) -> None:
    angle = math.atan2(b[1] - a[1], b[0] - a[0])
    if dotted:
        count = max(3, int(math.dist(a, b) / 16))
        for i in range(count):
            s.disc(a[0] + (b[0] - a[0]) * i / count, a[1] + (b[1] - a[1]) * i / count, 4, INK)
    else:
        s.line([a, b], INK, 6)
    for side in (2.5, -2.5):
        s.line([b, (b[0] + 24 * math.cos(angle + side), b[1] + 24 * math.sin(angle + side))], INK, 6)


def wobbly(points: Sequence[Point], reach: float) -> list[Point]:
    """A straight line as a hand draws it."""
    out: list[Point] = []
    for (ax, ay), (bx, by) in pairwise(points):
        out += [(ax + (bx - ax) * i / 24, ay + (by - ay) * i / 24 + reach * math.sin(i * 0.8 + ax)) for i in range(25)]
    return out
