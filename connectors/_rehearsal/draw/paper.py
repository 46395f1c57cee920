"""Pictures of printed things: slides, posters, signs, letters, maps, notes. It draws on a Sheet, knows no archive."""

from __future__ import annotations

import math
from random import Random

from connectors._rehearsal.draw.sheet import (
    CORAL,
    CREAM,
    INK,
    MUSTARD,
    NAVY,
    NIGHT,
    PLUM,
    ROSE,
    SAND,
    SEA,
    SNOW,
    STONE,
    TEAL,
    Point,
    Sheet,
    below,
    mixed,
    turned,
    wave,
)

WIDE = (1280, 720)
TALL = (1024, 1280)
SQUARE = (1080, 1080)


def slide_chart() -> Sheet:
    s = Sheet(*WIDE, NIGHT)
    s.fade("#0e1730", "#060a14")
    s.veil([(40, 24), (1240, 24), (1240, 640), (40, 640)], "#6f93b8", 0.3, 40)
    s.rect(110, 60, 1060, 520, CREAM, 6)
    s.text(160, 116, "When do people call?", 42, INK, weight=0.5, anchor="lm")
    for i in range(4):
        s.line([(160, 230 + i * 80), (1120, 230 + i * 80)], "#e3d8c0", 1.6)
    xs = range(160, 1121, 6)
    tide = [(x, 350 - 100 * math.sin((x - 160) / 960 * math.tau * 2)) for x in xs]
    calls = [
        (x, 372 + 92 * math.sin((x - 186) / 960 * math.tau * 2) - 26 * math.exp(-(((x - 520) / 46) ** 2))) for x in xs
    ]
    s.veil(below(tide, 510), TEAL, 0.2)
    s.line(tide, TEAL, 7)
    s.line(calls, CORAL, 7)
    for i in range(22):
        s.line([(520, 190 + i * 15), (520, 197 + i * 15)], INK, 2.6)
    s.disc(520, 262, 12, CORAL)
    s.disc(520, 450, 12, TEAL)
    s.text(545, 214, "low water", 27, INK, anchor="lm")
    s.text(1120, 540, "calls", 29, CORAL, weight=0.5, anchor="rm")
    s.text(1020, 540, "tide", 29, TEAL, weight=0.5, anchor="rm")
    s.rect(0, 640, 1280, 80, "#03060c")
    for i in range(26):
        s.disc(i * 54 - 20, 690 + (i * 37) % 21, 35, "#04070e")
    s.disc(222, 600, 27, "#03060c")
    s.rect(184, 622, 76, 90, "#03060c", 30)
    return s


def lanyard() -> Sheet:
    s = Sheet(*TALL, "#16263f")
    s.fade("#1b2f4c", "#101c30")
    s.line(_bent([(150, -30), (210, 220), (120, 420), (330, 560), (512, 520)]), "#1d7a74", 50)
    s.line(_bent([(880, -30), (800, 180), (930, 360), (720, 540), (512, 520)]), TEAL, 50)
    for i in range(9):
        x, y = 868 - i * 2, 20 + i * 20
        s.text(x, y, "~", 26, CREAM, weight=0.6)
    s.rect(480, 500, 64, 100, STONE, 14)
    s.rect(494, 516, 36, 68, "#5c656e", 10)
    card = turned([(210, 590), (814, 590), (814, 1200), (210, 1200)], 512, 590, -4)
    s.veil([(x + 16, y + 24) for x, y in card], "#050a14", 0.6, 24)
    s.poly(card, SNOW)
    s.poly(turned([(210, 590), (814, 590), (814, 770), (210, 770)], 512, 590, -4), CORAL)
    s.text(505, 690, "HARBOUR 26", 74, SNOW, weight=0.7)
    s.text(532, 890, "Wren", 120, INK, weight=0.6)
    s.text(540, 1010, "Applegrath", 88, INK, weight=0.35)
    s.line([(300, 1090), (800, 1055)], "#d8d2c4", 4)
    s.text(550, 1130, "county archives", 42, STONE)
    return s


def sketchnote_keynote() -> Sheet:
    s = _page("#f4ecdc")
    s.text(90, 110, "what the tide", 84, INK, weight=0.55, anchor="lm")
    s.text(90, 200, "tables knew", 84, INK, weight=0.55, anchor="lm")
    s.line(_wobbly([(90, 258), (640, 246)], 4), CORAL, 9)
    swell = wave(700, 560, 92, 360, 0.1)
    s.poly(below([(x + 70, y) for x, y in swell if x < 420], 720), "#bfdde0")
    s.line([(x + 70, y) for x, y in swell if x < 420], SEA, 11)
    s.line([(x + 70, y + 60) for x, y in swell if x < 420], SEA, 6)
    for i, h in enumerate((90, 170, 260, 210, 120)):
        x = 560 + i * 80
        _box(s, (x, 720 - h, 54, h), i)
        for j in range(int(h / 20)):
            s.line([(x + 4, 716 - j * 20), (x + 46, 700 - j * 20)], SEA, 3)
    s.line(_wobbly([(60, 724), (970, 722)], 3), INK, 6)
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
    s.line(_wobbly([(150, 190), (870, 182)], 4), TEAL, 10)
    s.rect(90, 270, 330, 240, INK, 34)
    s.rect(99, 279, 312, 222, "#f8f3e6", 27)
    s.text(255, 390, "C", 170, CORAL, weight=0.9)
    bubble = [(560, 290), (920, 280), (930, 470), (720, 478), (660, 540), (664, 480), (556, 474)]
    s.poly(bubble, "#c9e7e2")
    s.line([*_wobbly(bubble, 2), bubble[0]], INK, 7)
    for i, w in enumerate((280, 310, 190)):
        s.line([(596, 336 + i * 48), (596 + w, 334 + i * 48)], INK, 8)
    ear = [(250, 640), (330, 600), (420, 640), (432, 740), (370, 800), (350, 900), (280, 930), (236, 880)]
    s.line(_bent(ear), INK, 13)
    s.line(_bent([(300, 690), (370, 680), (372, 750), (320, 770), (330, 830)]), CORAL, 10)
    for i in range(3):
        s.arc(230, 740, 60 + i * 44, (150, 215), TEAL, 9)
    _note(s, (530, 640, 410, 130), ("guess who has to", "do the guessing?"), "#f7d774")
    _note(s, (530, 820, 410, 130), ("build the ramp,", "watch the prams"), None)
    for a, b in (((440, 390), (545, 380)), ((470, 720), (522, 706)), ((730, 776), (730, 812))):
        _arrow(s, a, b, dotted=True)
    s.rect(90, 1030, 850, 150, INK, 12)
    s.text(512, 1106, "[LIGHTHOUSE ANSWERS]", 60, "#ffe9a8", weight=0.3)
    return s


def poster_bins() -> Sheet:
    s = Sheet(*TALL, "#1f5b47")
    for y, words, size in ((190, "WHO", 262), (440, "OWNS", 262), (640, "THE", 170), (850, "BINS?", 262)):
        s.text(64, y, words, size, CREAM, weight=1.0, anchor="lm")
    s.disc(880, 630, 70, CORAL)
    s.rect(0, 1180, 1024, 100, "#143f31")
    for i in range(6):
        x, tone = 66 + i * 156, (MUSTARD, CORAL, CREAM, TEAL, ROSE, MUSTARD)[i]
        s.poly([(x, 1030), (x + 116, 1030), (x + 104, 1210), (x + 12, 1210)], tone)
        lid = [(x - 8, 1008), (x + 124, 1008), (x + 124, 1030), (x - 8, 1030)]
        s.poly(turned(lid, x - 8, 1030, -38 if i == 3 else 0), INK)
        for j in range(3):
            s.line([(x + 32 + j * 26, 1060), (x + 34 + j * 24, 1180)], mixed(tone, INK, 0.25), 5)
        s.disc(x + 22, 1216, 12, INK)
        s.disc(x + 94, 1216, 12, INK)
    s.text(960, 72, "CUSTOMS HOUSE", 26, CREAM, weight=0.4, anchor="rm")
    return s


def poster_harbour() -> Sheet:
    s = Sheet(*TALL, CORAL)
    s.fade("#f0805c", "#e9603f")
    s.text(500, 560, "26", 900, CREAM, weight=0.9)
    _small_tower(s, 770, 700)
    for i, tone in enumerate((TEAL, "#1f7a86", SEA, "#173f63", NAVY)):
        s.poly(below(wave(1024, 800 + i * 92, 30 + i * 4, 420 + i * 30, i * 0.27), 1280), tone)
    s.text(70, 96, "HARBOUR", 86, CREAM, weight=0.9, anchor="lm")
    s.text(954, 96, "#harbour26", 44, CREAM, weight=0.4, anchor="rm")
    s.text(70, 1216, "two days about public services that work", 38, CREAM, weight=0.2, anchor="lm")
    return s


def sign() -> Sheet:
    s = Sheet(*WIDE, "#cfdfe6")
    s.fade("#a9cbe0", "#eaeee6")
    for i in range(3):
        s.poly(below(wave(1280, 560 + i * 46, 26, 800 - i * 130, i * 0.3), 720), ("#8db39a", "#6f9c82", "#547f68")[i])
    for x in (380, 880):
        s.rect(x, 120, 24, 600, "#87929a")
        s.rect(x, 120, 8, 600, "#b3bcc2")
    s.rect(232, 74, 816, 440, "#0b5d3e", 26)
    s.rect(246, 88, 788, 412, SNOW, 18)
    s.rect(254, 96, 772, 396, "#12774f", 13)
    s.text(310, 210, "CEI", 142, SNOW, weight=0.55, anchor="lm")
    s.text(310, 380, "QUAY", 142, SNOW, weight=0.55, anchor="lm")
    s.line([(800, 295), (940, 295)], SNOW, 30)
    s.poly([(905, 222), (984, 295), (905, 368)], SNOW)
    return s


def letter_before() -> Sheet:
    s = _desk()
    rng = Random(9)  # noqa: S311 — line lengths
    for i in range(33):
        s.line([(210, 330 + i * 24), (210 + rng.uniform(480, 600), 330 + i * 24)], "#8e949b", 7)
    red = "#d8322a"
    for i in range(5):
        y = 360 + i * 160
        s.line(_wobbly([(190, y + 80), (830, y - 30)], 9), red, 8)
    s.line(_bent([(180, 340), (500, 300), (850, 420), (800, 640), (400, 690), (190, 560), (240, 380)]), red, 6)
    for x, y in ((868, 480), (130, 800), (868, 900)):
        s.text(x, y, "?", 120, red, weight=0.5)
    s.text(512, 1130, "pursuant to WHAT?", 52, red, weight=0.25)
    return s


def letter_after() -> Sheet:
    s = _desk()
    s.text(210, 400, "Your bin day is", 54, INK, anchor="lm")
    s.text(210, 474, "now Tuesday.", 54, INK, weight=0.55, anchor="lm")
    s.text(210, 620, "Wrong? Ring us:", 54, INK, anchor="lm")
    s.rect(190, 690, 640, 170, "#fbe6a4", 14)
    s.text(512, 776, "01632 960 026", 88, INK, weight=0.6)
    s.text(210, 960, "A person answers.", 54, INK, anchor="lm")
    s.line(_wobbly([(212, 1000), (640, 992)], 5), "#d8322a", 6)
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
    rng = Random(6)  # noqa: S311 — a town
    for i in range(70):
        x, y = rng.uniform(50, 950), rng.uniform(330, 880)
        s.rect(x, y, rng.uniform(22, 46), rng.uniform(18, 34), "#fffaf0" if i % 5 else "#e9c9a0", 3)
    for route in (
        [(210, 930), (250, 780), (200, 620), (330, 450), (470, 310)],
        [(800, 900), (740, 720), (800, 560), (690, 420), (560, 300)],
        [(510, 900), (490, 740), (540, 580), (512, 340)],
    ):
        path = _bent(route)
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
    rng = Random(14)  # noqa: S311 — streets
    tones = ("#e2b48c", "#d98f6c", "#e9cda0", "#c97b5f", "#efdcb6")
    for row in range(9):
        for col in range(9):
            w, h = 78 + rng.uniform(-10, 22), 74 + rng.uniform(-8, 24)
            quad = [(30 + col * 120, 30 + row * 118), (30 + col * 120 + w, 34 + row * 118)]
            quad += [(30 + col * 120 + w + 5, 30 + row * 118 + h), (26 + col * 120, 32 + row * 118 + h)]
            s.poly(turned(quad, 540, 540, -9), "#a9c48d" if rng.random() < 0.12 else rng.choice(tones))
    bay = _bent([(1090, 380), (820, 430), (640, 560), (610, 720), (720, 860), (700, 1090), (1090, 1090)], 5)
    s.line(bay, "#f3e4c6", 52)
    s.poly(bay, "#5fa9bd")
    for i in range(6):
        s.arc(1010, 900, 90 + i * 62, (150, 250), "#8cc5d3", 4)
    s.line([(640, 560), (820, 650), (900, 640)], "#f3e4c6", 30)
    _small_tower(s, 900, 640)
    path = _bent([(190, 240), (330, 300), (370, 470), (520, 500), (600, 520), (800, 640), (880, 640)])
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
    rng = Random(23)  # noqa: S311 — how people stick things
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
                s.line(_wobbly(turned(line, x + 56, y + 50, lean), 2), mixed(tone, INK, 0.68), 4)
    s.line(_bent([(70, 640), (360, 560), (640, 660), (930, 560), (1180, 610)]), INK, 7)
    s.line([(1136, 570), (1184, 611), (1128, 640)], INK, 7)
    return s


def podcast() -> Sheet:
    s = Sheet(*SQUARE, PLUM)
    for i in range(9):
        s.disc(540, 1180, 980 - i * 92, mixed(PLUM, CORAL, i / 8), 880 - i * 84)
    s.rect(440, 420, 200, 330, CREAM, 100)
    for i in range(5):
        s.rect(470, 500 + i * 42, 140, 11, PLUM, 5)
    s.arc(540, 650, 168, (0, 180), CREAM, 26)
    s.line([(540, 818), (540, 910)], CREAM, 26)
    s.line([(440, 920), (640, 920)], CREAM, 26)
    s.text(540, 150, "THE SLIPWAY", 128, CREAM, weight=0.8)
    s.text(540, 270, "a podcast at the water's edge", 46, ROSE, weight=0.2)
    s.text(540, 1010, "88", 90, CREAM, weight=0.7)
    return s


def departures() -> Sheet:
    s = Sheet(*WIDE, "#16181c")
    s.fade("#1c1f24", "#0e1013")
    rows = ("HARBOUR 26", "DEPARTED", "", "NEXT TIDE 27")
    for row, words in enumerate(rows):
        for col in range(14):
            x, y = 52 + col * 84.5, 64 + row * 150
            s.rect(x, y, 76, 130, "#2a2d33", 9)
            s.rect(x, y, 76, 64, "#31353c", 9)
            letter = words[col - 1] if 0 < col <= len(words) else ""
            if letter.strip():
                s.text(x + 38, y + 67, letter, 96, (CREAM, MUSTARD, CREAM, "#8fe0cf")[row], weight=0.4)
            s.rect(x, y + 63, 76, 4, "#0e1013")
            s.rect(x - 3, y + 54, 6, 22, "#0e1013", 2)
            s.rect(x + 73, y + 54, 6, 22, "#0e1013", 2)
    return s


def _page(paper: str) -> Sheet:
    s = Sheet(*TALL, paper)
    for row in range(31):
        for col in range(25):
            s.disc(32 + col * 40, 40 + row * 40, 1.6, mixed(paper, INK, 0.2))
    return s


def _desk() -> Sheet:
    s = Sheet(*TALL, "#8a6a50")
    for i in range(14):
        s.rect(0, i * 94, 1024, 90, mixed("#8a6a50", "#6f523c", (i * 7 % 5) / 5))
    paper = [(120, 110), (904, 110), (904, 1230), (120, 1230)]
    s.veil([(x + 10, y + 18) for x, y in paper], "#2a1a10", 0.5, 20)
    s.poly(paper, SNOW)
    s.rect(210, 180, 76, 76, SEA, 38)
    s.poly(below([(x + 210, y) for x, y in wave(74, 222, 7, 38)], 240), SNOW)
    s.text(310, 218, "Merrowhaven Town Council", 38, SEA, weight=0.35, anchor="lm")
    s.rect(210, 282, 604, 3, SAND)
    return s


def _small_tower(s: Sheet, x: float, y: float) -> None:
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


def _wobbly(points: list[Point], reach: float) -> list[Point]:
    """A straight line as a hand draws it."""
    out: list[Point] = []
    for (ax, ay), (bx, by) in zip(points, points[1:], strict=False):
        out += [(ax + (bx - ax) * i / 24, ay + (by - ay) * i / 24 + reach * math.sin(i * 0.8 + ax)) for i in range(25)]
    return out


def _bent(points: list[Point], rounds: int = 4) -> list[Point]:
    """Corners cut again and again, ends kept."""
    for _ in range(rounds):
        cut = [points[0]]
        for (ax, ay), (bx, by) in zip(points, points[1:], strict=False):
            cut += [(ax * 0.75 + bx * 0.25, ay * 0.75 + by * 0.25), (ax * 0.25 + bx * 0.75, ay * 0.25 + by * 0.75)]
        points = [*cut, points[-1]]
    return points
