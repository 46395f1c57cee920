"""Pictures of printed things: slides, posters, signs, letters."""

from __future__ import annotations

import math
from random import Random

from art.notes import small_tower, wobbly
from art.sheet import (
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
    SQUARE,
    STONE,
    TALL,
    TEAL,
    WIDE,
    Sheet,
    below,
    curve,
    mixed,
    turned,
    wave,
)


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
    s.line(curve([(150, -30), (210, 220), (120, 420), (330, 560), (512, 520)]), "#1d7a74", 50)
    s.line(curve([(880, -30), (800, 180), (930, 360), (720, 540), (512, 520)]), TEAL, 50)
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
    small_tower(s, 770, 700)
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
    rng = Random(9)  # line lengths
    for i in range(33):
        s.line([(210, 330 + i * 24), (210 + rng.uniform(480, 600), 330 + i * 24)], "#8e949b", 7)
    red = "#d8322a"
    for i in range(5):
        y = 360 + i * 160
        s.line(wobbly([(190, y + 80), (830, y - 30)], 9), red, 8)
    s.line(curve([(180, 340), (500, 300), (850, 420), (800, 640), (400, 690), (190, 560), (240, 380)]), red, 6)
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
    s.line(wobbly([(212, 1000), (640, 992)], 5), "#d8322a", 6)
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
