"""Pictures of Merrowhaven: hall, harbour, lighthouse, ferry."""

from __future__ import annotations

from random import Random

from art.sheet import (
    BRICK,
    CORAL,
    CREAM,
    INK,
    MIST,
    MUSTARD,
    NAVY,
    NIGHT,
    PLUM,
    ROSE,
    SAND,
    SEA,
    SNOW,
    TALL,
    TEAL,
    WIDE,
    Sheet,
    below,
    mixed,
    turned,
    wave,
)


def hall_dawn() -> Sheet:
    s = Sheet(*WIDE, NIGHT)
    s.fade("#16233d", "#0a111f")
    for i in range(5):
        x = 90 + i * 235
        s.rect(x, 90, 150, 250, mixed("#2b4a78", "#5f83ad", i / 6), 75)
        s.rect(x + 72, 90, 6, 250, "#16233d")
        s.rect(x, 210, 150, 6, "#16233d")
    s.poly([(0, 470), (1280, 470), (1280, 720), (0, 720)], "#0c1322")
    s.rect(270, 430, 740, 46, "#3b2f36")
    s.rect(270, 430, 740, 7, "#6a4f48")
    for x in (400, 640, 880):
        s.veil([(x - 16, 0), (x + 16, 0), (x + 150, 455), (x - 150, 455)], "#ffcf87", 0.34, 14)
        s.disc(x, 452, 140, mixed("#3b2f36", "#ffd79a", 0.55), 15)
        s.rect(x - 20, -4, 40, 22, "#05080f", 6)
    for row in range(5):
        y, size = 520 + row * 45, 26 + row * 8
        for i in range(-14, 15):
            seat = 640 + i * (size * 1.75)
            s.rect(seat - size * 0.62, y, size * 1.24, size * 1.5, mixed("#1b2740", "#05080f", row / 5), size * 0.3)
    return s


def keynote_stage() -> Sheet:
    s = Sheet(*WIDE, NIGHT)
    s.fade("#101a33", "#070b16")
    s.rect(220, 70, 840, 340, "#16294d", 6)
    for i, colour in enumerate((TEAL, SEA, "#204a78")):
        line = [(220 + x * 0.657, y) for x, y in wave(1280, 250 + i * 46, 26, 470, i * 0.23)]
        s.poly(below([p for p in line if p[0] <= 1060], 410), colour)
    s.veil([(130, -10), (200, -10), (760, 520), (500, 520)], "#58d6c4", 0.42, 20)
    s.veil([(1080, -10), (1150, -10), (790, 520), (530, 520)], "#ffb45e", 0.46, 20)
    s.rect(0, 500, 1280, 50, "#1a1c2b")
    s.disc(645, 514, 190, "#6f6a62", 22)
    figure = "#05070d"
    s.disc(645, 300, 31, figure)
    s.rect(609, 336, 72, 120, figure, 30)
    s.rect(615, 420, 27, 98, figure, 10)
    s.rect(648, 420, 27, 98, figure, 10)
    s.line([(676, 356), (722, 396), (760, 366)], figure, 19)
    s.rect(0, 540, 1280, 180, "#060912")
    rng = Random(4)  # heads in a crowd
    for row, (y, r) in enumerate(((566, 25), (612, 33), (672, 45))):
        for i in range(-2, int(1280 / (r * 2.5)) + 2):
            x = i * r * 2.5 + row * 31 + rng.uniform(-6, 6)
            tone = mixed("#1b2942", "#04060b", row / 2)
            s.disc(x, y + rng.uniform(-6, 6), r, tone)
            s.rect(x - r * 1.25, y + r * 0.85, r * 2.5, 180, tone, r)
    return s


def harbour_morning() -> Sheet:
    s = Sheet(*WIDE, MIST)
    s.fade("#f4d9cd", "#c9dde4")
    s.halo(905, 215, 90, "#fff6e6", 0.9, 46)
    s.disc(905, 215, 47, "#fffaf0")
    for i, (y, tone) in enumerate(((330, "#b9cfda"), (372, "#9dbac9"), (418, "#7fa2b6"))):
        s.poly(below(_hills(y, i), 720), tone)
        s.veil([(0, y + 20), (1280, y + 20), (1280, y + 90), (0, y + 90)], "#eaf1f1", 0.55, 26)
    _tower(s, 1040, 418, 0.72, "#7795aa", "#8fabbd")
    s.fade("#a9c4d1", "#5f8aa2", 452, 268)
    for i in range(26):
        glint = 470 + i * i * 0.36
        s.line([(905 - 60 + (i * 37) % 50, glint), (905 + 16 + (i * 53) % 70, glint)], "#e9ddd2", 2 + i * 0.12)
    for x, y, k, tone in ((180, 500, 0.8, "#587f97"), (420, 540, 1.15, "#3b627d"), (700, 505, 0.7, "#6a90a5")):
        _boat(s, x, y, k, tone)
    _boat(s, 240, 640, 1.9, "#1f4560")
    s.veil([(0, 430), (1280, 430), (1280, 500), (0, 500)], "#f2f4f1", 0.5, 22)
    return s


def harbour_dusk() -> Sheet:
    s = Sheet(*WIDE, PLUM)
    s.fade("#35275c", "#f08a5d", 0, 470)
    s.veil([(0, 330), (1280, 330), (1280, 480), (0, 480)], "#ffd08a", 0.6, 48)
    for x, y, w in ((160, 150, 300), (520, 105, 420), (930, 190, 330), (330, 240, 240)):
        s.rect(x, y, w, 13, mixed("#6a4477", "#f3a07a", y / 260), 7)
        s.rect(x + 70, y + 17, w * 0.6, 9, mixed("#6a4477", "#f3a07a", y / 260), 5)
    s.fade("#e08360", "#241c46", 466, 254)
    hill = "#2a1c40"
    s.poly(below([(x, h + 62) for x, h in _hills(380, 2)], 470), hill)
    rng = Random(12)  # lit windows
    for i in range(15):
        x, h = 40 + i * 47, 30 + rng.random() * 44
        s.rect(x, 468 - h, 43, h, "#1f1632")
        s.poly([(x - 3, 468 - h), (x + 21, 448 - h), (x + 46, 468 - h)], "#1f1632")
        for j in range(2):
            if rng.random() > 0.4:
                s.rect(x + 9 + j * 16, 476 - h, 8, 11, "#ffcf7a")
    _tower(s, 960, 472, 1.25, "#1a1230", "#1a1230")
    s.halo(960, 222, 60, "#fff0b8", 0.85, 30)
    s.disc(960, 222, 12, "#fffbe6")
    s.veil([(960, 222), (-240, 96), (-240, 262)], "#ffe9b0", 0.18, 10)
    for i in range(19):
        glint, half = 484 + i * 12.5, 16 + i * 1.7
        s.line([(960 - half + (i * 29) % 17, glint), (960 + half - (i * 17) % 21, glint)], "#ffdf9c", 3.2)
    for x, y, k in ((250, 560, 1.5), (520, 528, 1.0), (700, 600, 1.8), (1130, 640, 2.1)):
        _boat(s, x, y, k, "#140d26")
    return s


def lighthouse() -> Sheet:
    s = Sheet(*TALL, NIGHT)
    s.fade("#0d1b3d", "#27466e", 0, 1020)
    rng = Random(8)  # stars
    for _ in range(150):
        s.disc(
            rng.random() * 1024, rng.random() * 820, rng.choice((1.1, 1.6, 2.6)), mixed("#27466e", SNOW, rng.random())
        )
    s.veil([(512, 322), (-60, 90), (-60, 420)], "#fbeab0", 0.62, 5)
    s.veil([(512, 322), (1084, 250), (1084, 400)], "#fbeab0", 0.3, 5)
    s.poly([(432, 960), (472, 390), (552, 390), (592, 960)], SNOW)
    for i in range(3):
        top, bottom = 480 + i * 170, 565 + i * 170
        half = [40 + 40 * (y - 390) / 570 for y in (top, bottom)]
        s.poly([(512 - half[0], top), (512 + half[0], top), (512 + half[1], bottom), (512 - half[1], bottom)], CORAL)
    s.veil([(520, 390), (552, 390), (592, 960), (530, 960)], NAVY, 0.22)
    s.rect(450, 376, 124, 20, INK, 6)
    s.rect(474, 280, 76, 98, MUSTARD, 4)
    s.halo(512, 325, 70, "#fff4c9", 0.9, 30)
    s.rect(508, 280, 8, 98, INK)
    s.poly([(462, 284), (512, 224), (562, 284)], BRICK)
    s.disc(512, 222, 9, BRICK)
    s.poly([(250, 1010), (380, 930), (660, 926), (820, 1010)], "#16233a")
    for i, tone in enumerate(("#1e5673", "#174360", "#10304c", "#0b2138")):
        s.poly(below(wave(1024, 1000 + i * 68, 14 + i * 3, 250 + i * 60, i * 0.3), 1280), tone)
    return s


def containers() -> Sheet:
    s = Sheet(*WIDE, SAND)
    s.fade("#f5e6cf", "#f0cdb0")
    s.disc(1080, 150, 62, "#fbf3e2")
    s.rect(0, 620, 1280, 100, "#4a4f5c")
    s.rect(0, 620, 1280, 9, "#6d7280")
    stacks = (
        (60, 3, (BRICK, TEAL, MUSTARD)),
        (420, 2, (NAVY, CORAL)),
        (790, 1, (TEAL,)),
        (1120, 3, (MUSTARD, BRICK, NAVY)),
    )
    for x, count, colours in stacks:
        for i in range(count):
            _container(s, x, 620 - (i + 1) * 158, colours[i])
    s.rect(950, 500, 82, 120, SNOW, 3)
    s.rect(958, 508, 66, 60, "#a8d5d8", 2)
    s.disc(1018, 592, 5, INK)
    s.poly([(920, 478), (1062, 478), (1084, 512), (898, 512)], CREAM)
    for i in range(4):
        s.poly([(920 + i * 36, 478), (938 + i * 36, 478), (922 + i * 46, 512), (899 + i * 46, 512)], CORAL)
    s.halo(872, 492, 34, "#ffe6a6", 0.8, 16)
    s.disc(872, 492, 9, "#fff6d8")
    return s


def lights() -> Sheet:
    s = Sheet(*WIDE, "#1a1428")
    s.fade("#2b1b36", "#120d1e")
    rng = Random(21)  # lamps out of focus
    for _ in range(46):
        colour = rng.choice((MUSTARD, CORAL, TEAL, "#ffd9a0"))
        s.halo(
            rng.random() * 1280, 300 + rng.random() * 420, 20 + rng.random() * 46, colour, 0.16 + rng.random() * 0.2, 3
        )
    for row, sag in enumerate((150, 190, 120, 230)):
        y = 20 + row * 62
        points = [(x, y + sag * (1 - ((x - 640) / 640) ** 2)) for x in range(-20, 1301, 20)]
        s.line(points, "#0c0813", 3)
        for x, py in points[1 + row % 2 :: 4]:
            s.halo(x, py + 16, 30, "#ffbf5e", 0.6, 13)
            s.disc(x, py + 15, 10, "#fff1cf", 12)
            s.rect(x - 4, py - 2, 8, 9, "#0c0813")
    return s


def ferry() -> Sheet:
    s = Sheet(*WIDE, MIST)
    s.fade("#bfe0e2", "#f7ead2", 0, 430)
    s.disc(230, 210, 74, "#fff6df")
    for i, tone in enumerate(("#58a3b0", "#3b8a9c", "#277188", "#185a73", "#0f4560")):
        s.poly(below(wave(1280, 428 + i * 62, 5 + i * 3, 330 + i * 50, i * 0.37), 720), tone)
        if i == 1:
            _ferry_hull(s)
    for x, y, k in ((300, 150, 1.0), (400, 110, 0.7), (360, 235, 0.8), (1010, 130, 0.9), (1090, 190, 0.6)):
        s.line(
            [
                (x - 34 * k, y - 9 * k),
                (x - 14 * k, y - 15 * k),
                (x, y),
                (x + 14 * k, y - 15 * k),
                (x + 34 * k, y - 9 * k),
            ],
            SNOW,
            5 * k,
        )
    return s


def chairs() -> Sheet:
    s = Sheet(*TALL, SAND)
    s.fade("#f6ead4", "#e4c9a4")
    s.rect(0, 1090, 1024, 190, "#b88f6b")
    for column, (x, count) in enumerate(((190, 9), (470, 12), (740, 7))):
        for i in range(count):
            y = 1050 - i * 66
            colour = (CORAL, NAVY, TEAL)[(i + column) % 3]
            s.line([(x - 78, y), (x + 66, y), (x + 98, y - 120)], colour, 21)
            s.line([(x - 66, y + 6), (x - 84, y + 66)], INK, 7)
            s.line([(x + 58, y + 6), (x + 78, y + 66)], INK, 7)
    s.line(turned([(930, 330), (930, 1010)], 930, 1010, 5), "#7a4a2b", 15)
    s.poly([(884, 1000), (966, 1000), (990, 1118), (850, 1118)], MUSTARD)
    for i in range(6):
        s.line([(876 + i * 19, 1050), (868 + i * 22, 1116)], "#b9852a", 3)
    return s


def _hills(y: float, seed: int) -> list[tuple[float, float]]:
    rng = Random(seed)  # a coast
    heights = [y - rng.random() * 90 for _ in range(9)]
    line = []
    for x in range(0, 1280, 8):
        a, b = heights[x // 160 : x // 160 + 2]
        line.append((float(x), a + (b - a) * _ease(x % 160 / 160)))
    return [*line, (1280.0, heights[8])]


def _ease(t: float) -> float:
    return t * t * (3 - 2 * t)


def _tower(s: Sheet, x: float, y: float, k: float, tone: str, lamp: str) -> None:
    s.poly([(x - 34 * k, y), (x - 20 * k, y - 180 * k), (x + 20 * k, y - 180 * k), (x + 34 * k, y)], tone)
    s.rect(x - 29 * k, y - 187 * k, 58 * k, 9 * k, tone)
    s.rect(x - 16 * k, y - 217 * k, 32 * k, 32 * k, lamp)
    s.poly([(x - 23 * k, y - 215 * k), (x, y - 243 * k), (x + 23 * k, y - 215 * k)], tone)
    s.poly([(x - 130 * k, y + 4), (x - 60 * k, y - 24 * k), (x + 60 * k, y - 22 * k), (x + 150 * k, y + 4)], tone)


def _boat(s: Sheet, x: float, y: float, k: float, tone: str) -> None:
    s.poly([(x - 52 * k, y - 14 * k), (x + 58 * k, y - 18 * k), (x + 38 * k, y + 8 * k), (x - 40 * k, y + 8 * k)], tone)
    s.line([(x, y - 14 * k), (x, y - 118 * k)], tone, 3.2 * k)
    s.line([(x, y - 112 * k), (x + 50 * k, y - 20 * k)], tone, 1.2 * k)
    s.line([(x, y - 112 * k), (x - 44 * k, y - 18 * k)], tone, 1.2 * k)
    s.rect(x - 32 * k, y - 32 * k, 27 * k, 19 * k, tone, 3 * k)


def _container(s: Sheet, x: float, y: float, colour: str) -> None:
    dark, light = mixed(colour, "#000000", 0.22), mixed(colour, "#ffffff", 0.12)
    s.rect(x, y, 330, 154, colour, 4)
    for i in range(15):
        s.rect(x + 14 + i * 21, y + 12, 9, 130, dark)
        s.rect(x + 11 + i * 21, y + 12, 3, 130, light)
    s.rect(x, y, 330, 9, dark)
    s.rect(x, y + 145, 330, 9, dark)


def _ferry_hull(s: Sheet) -> None:
    s.rect(560, 340, 380, 62, SNOW, 10)
    s.rect(610, 286, 250, 60, SNOW, 10)
    s.rect(650, 246, 110, 44, SNOW, 8)
    s.poly([(796, 288), (808, 190), (862, 190), (868, 288)], CORAL)
    s.poly([(807, 214), (811, 190), (862, 190), (864, 214)], INK)
    s.halo(900, 150, 30, SNOW, 0.55, 14)
    s.halo(960, 122, 42, SNOW, 0.45, 18)
    for i in range(9):
        s.disc(596 + i * 38, 371, 10, SEA)
    for i in range(6):
        s.rect(630 + i * 36, 304, 23, 20, SEA, 4)
    s.poly([(480, 398), (1010, 398), (950, 492), (540, 492)], NAVY)
    s.poly([(486, 408), (1004, 408), (998, 418), (492, 418)], ROSE)
    s.line([(560, 398), (560, 300)], INK, 4)
    s.poly([(562, 302), (600, 312), (562, 322)], MUSTARD)
