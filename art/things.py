"""Pictures of things: a coffee, umbrellas, a gull, a scarf, hands."""

from __future__ import annotations

import math
from random import Random

from art.sheet import (
    BRICK,
    CORAL,
    CREAM,
    INK,
    MUSTARD,
    NAVY,
    PLUM,
    SEA,
    SNOW,
    SQUARE,
    STONE,
    TALL,
    TEAL,
    WIDE,
    Point,
    Sheet,
    curve,
    mixed,
    turned,
)


def coffee() -> Sheet:
    s = Sheet(*SQUARE, "#33475c")
    s.fade("#3d5268", "#2a3b4e")
    s.halo(580, 610, 390, "#131c28", 0.55, 46)
    s.rect(860, 470, 170, 120, SNOW, 58)
    s.rect(880, 496, 120, 68, "#33475c", 34)
    s.disc(540, 540, 400, mixed(SNOW, STONE, 0.16))
    s.disc(536, 534, 394, SNOW)
    s.ring(536, 534, 318, mixed(SNOW, STONE, 0.22), 3)
    s.halo(560, 566, 270, "#8b949e", 0.5, 20)
    s.disc(540, 540, 270, SNOW)
    s.disc(540, 540, 246, "#5a331d")
    s.disc(540, 540, 234, "#9a6237")
    rings = 9
    for i in range(rings):
        r = 222 - i * 24
        points = []
        for a in range(0, 361, 3):
            t = math.radians(a)
            points.append(
                (540 + (r + 9 * math.sin(3 * t + i)) * math.cos(t), 540 + (r + 9 * math.sin(3 * t + i)) * math.sin(t))
            )
        s.poly(points, ("#f2dcbb", "#b0763f")[i % 2] if i else "#b0763f")
    s.veil([(330, 420), (420, 330), (470, 350), (360, 470)], SNOW, 0.25, 18)
    s.line(turned([(120, 930), (420, 930)], 120, 930, -24), "#b9c0c7", 15)
    bowl = [(400, 930), (420, 900), (480, 888), (536, 908), (548, 930), (536, 952), (480, 972), (420, 960), (400, 930)]
    s.poly(curve(turned(bowl, 120, 930, -24)), "#cdd3d8")
    return s


def umbrellas() -> Sheet:
    s = Sheet(*TALL, "#3c4657")
    rng = Random(3)  # cobbles
    for row in range(27):
        for i in range(-1, 15):
            x, y = i * 76 + (row % 2) * 38, row * 50 - 20
            s.rect(x + 3, y + 3, 70, 44, mixed("#465164", "#333d4d", rng.random()), 14)
    places = (
        (240, 240, 190),
        (700, 190, 175),
        (470, 520, 185),
        (860, 560, 165),
        (190, 760, 180),
        (620, 880, 205),
        (270, 1120, 165),
    )
    tones = ("#1d3557", "#27496d", "#17263f", "#2f5d7c", "#203a5f", CORAL, "#1b2f4b")
    for (x, y, r), tone in zip(places, tones, strict=True):
        _umbrella(s, x, y, r, tone)
    s.veil([(0, 0), (1024, 0), (1024, 500), (0, 1280)], "#dfe9f2", 0.08)
    for _ in range(110):
        left, top = rng.random() * 1024, rng.random() * 1280
        s.line([(left, top), (left - 7, top + 26)], "#a9b8c8", 1.6)
    return s


def gull() -> Sheet:
    s = Sheet(*SQUARE, MUSTARD)
    s.fade("#f2c05b", "#e3a234")
    s.disc(540, 560, 400, "#f6cd78")
    body = [(120, 1080), (200, 860), (330, 700), (390, 560), (400, 430)]
    head = [(400, 430), (420, 330), (500, 262), (610, 262), (690, 330), (708, 420)]
    front = [(708, 420), (690, 520), (700, 640), (770, 790), (800, 940), (800, 1080)]
    s.poly(curve([*body, *head, *front]), SNOW)
    s.poly(curve([(120, 1080), (200, 860), (330, 730), (470, 760), (560, 900), (590, 1080)]), "#aeb9c4")
    s.poly(curve([(60, 1080), (120, 930), (250, 830), (390, 880), (450, 1080)]), "#5b6875")
    for i in range(3):
        s.disc(150 + i * 88, 1020 - i * 22, 17, SNOW)
    s.poly([(696, 352), (860, 372), (900, 404), (888, 440), (850, 424), (702, 430)], "#f08a24")
    s.poly([(704, 420), (850, 432), (868, 452), (840, 470), (700, 452)], "#d96f12")
    s.disc(838, 452, 11, BRICK)
    s.disc(602, 356, 37, SNOW)
    s.ring(602, 356, 33, "#d96f12", 6)
    s.disc(602, 356, 24, "#f3d271")
    s.disc(607, 357, 14, INK)
    s.disc(612, 351, 5, SNOW)
    s.line([(552, 306), (600, 298), (652, 322)], INK, 11)
    _pastry(s, 838, 478)
    return s


def scarf() -> Sheet:
    s = Sheet(*SQUARE, "#b9c7cf")
    s.fade("#cfdbe0", "#9fb2bd")
    s.disc(830, 230, 100, "#eef3f2")
    stone, dark = "#7b8790", "#636e78"
    s.poly(curve([(170, 1080), (210, 800), (330, 660), (540, 620), (750, 660), (870, 800), (910, 1080)]), stone)
    s.poly(curve([(540, 620), (750, 660), (870, 800), (910, 1080), (700, 1080)]), dark)
    s.rect(455, 470, 170, 190, dark, 50)
    s.disc(540, 370, 150, stone, 175)
    s.poly(curve([(560, 200), (650, 240), (692, 360), (650, 500), (560, 545)]), dark)
    s.rect(362, 206, 356, 40, "#56616b", 14)
    s.poly([(400, 212), (420, 120), (660, 120), (680, 212)], "#56616b")
    s.poly([(534, 350), (520, 420), (560, 424)], dark)
    for x in (478, 596):
        s.disc(x, 352, 15, "#56616b", 8)
    s.line([(480, 472), (540, 484), (596, 470)], "#56616b", 7)
    yellow, shade = "#e9b23c", "#c98f22"
    s.poly(turned([(620, 640), (760, 640), (780, 960), (640, 970)], 690, 640, 4), shade)
    s.line([(350, 600), (450, 660), (560, 672), (690, 640), (740, 590)], shade, 96)
    s.line([(345, 580), (450, 636), (560, 648), (690, 616), (740, 570)], yellow, 92)
    s.poly([(560, 640), (690, 620), (712, 930), (584, 936)], yellow)
    for i in range(18):
        s.line([(568 + i * 0.6, 680 + i * 14), (700 + i * 0.6, 672 + i * 14)], shade, 2.4)
    for i in range(17):
        t = i / 16
        along, down = 350 + 390 * t, 580 + 66 * math.sin(t * math.pi)
        s.line([(along - 12, down - 32), (along + 12, down + 36)], shade, 2.6)
    for i in range(10):
        s.line([(592 + i * 13, 934), (588 + i * 13.6 + (i % 3) * 4, 1006)], yellow, 7)
        s.line([(650 + i * 14, 960), (652 + i * 14.6, 1024)], shade, 6)
    return s


def hands() -> Sheet:
    s = Sheet(*WIDE, TEAL)
    s.fade("#1f7f80", "#2aa39a")
    skins = ("#f3d3bd", "#e0ac88", "#c98b62", "#a5683f", "#7c4a2c", "#57331f")
    sleeves = (NAVY, CORAL, MUSTARD, PLUM, CREAM, SEA)
    rng = Random(17)  # a crowd
    for row in range(3):
        for i in range(10 + row):
            x = -20 + i * (1340 / (9 + row)) + rng.uniform(-22, 22)
            y = 250 + row * 135 + rng.uniform(-60, 50)
            k = 0.8 + row * 0.22
            _hand(s, x, y, k, rng.choice(skins), rng.choice(sleeves), rng.uniform(-13, 13))
    return s


def _umbrella(s: Sheet, x: float, y: float, r: float, tone: str) -> None:
    s.halo(x + 34, y + 48, r * 0.92, "#0c121c", 0.5, 20)
    turn = (x * 7 + y) % 45
    for i in range(8):
        a, b = math.radians(turn + i * 45), math.radians(turn + i * 45 + 45)
        mid = (a + b) / 2
        rim = [
            (x + r * math.cos(a), y + r * math.sin(a)),
            (x + r * 0.93 * math.cos(mid), y + r * 0.93 * math.sin(mid)),
            (x + r * math.cos(b), y + r * math.sin(b)),
        ]
        light = (math.cos(mid - math.radians(225)) + 1) / 2
        s.poly([(x, y), *rim], mixed(mixed(tone, "#000000", 0.2), mixed(tone, "#ffffff", 0.24), light))
    s.disc(x, y, 7, mixed(tone, "#ffffff", 0.6))


def _pastry(s: Sheet, x: float, y: float) -> None:
    for i in range(7):
        a = math.radians(-10 + i * 33)
        px, py = x + 84 * math.cos(a), y + 60 * math.sin(a)
        s.disc(px, py, 42 - abs(i - 3) * 4, ("#b8722c", "#cf8a3d")[i % 2])
        s.line([(px - 15, py - 16), (px + 13, py - 8)], "#e5b26a", 6)
    for dx, dy in ((30, 150), (-40, 180), (86, 196)):
        s.disc(x + dx, y + dy, 8, "#b8722c")


def _hand(s: Sheet, x: float, y: float, k: float, skin: str, sleeve: str, lean: float) -> None:
    shade = mixed(skin, "#000000", 0.13)

    def at(dx: float, dy: float) -> Point:
        return turned([(x + dx * k, y + dy * k)], x, y + 300 * k, lean)[0]

    s.line([at(0, 60), at(0, 330)], shade, 52 * k)
    s.line([at(-3, 60), at(-3, 330)], skin, 45 * k)
    s.line([at(0, 200), at(0, 700)], sleeve, 84 * k)
    s.line([at(0, 30), at(0, 62)], skin, 80 * k)
    for i, (dx, reach) in enumerate(((-30, -58), (-10, -78), (11, -72), (31, -50))):
        s.line([at(dx * 0.95, 20), at(dx * 1.3, reach)], (skin, shade)[i == 3], 19 * k)
    s.line([at(-34, 56), at(-72, 2)], skin, 20 * k)
