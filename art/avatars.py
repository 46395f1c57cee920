"""Avatars of the people of Merrowhaven: busts, landscapes, tiles, initials and a few signs of their trade."""

from __future__ import annotations

import math
from typing import NamedTuple

from art.sheet import (
    BRICK,
    CORAL,
    CREAM,
    INK,
    MIST,
    MUSTARD,
    NAVY,
    PLUM,
    ROSE,
    SAND,
    SEA,
    SNOW,
    STONE,
    TEAL,
    Sheet,
    below,
    mixed,
    wave,
)
from art.signs import SIGNS, SIZE

SKIN = ("#f4d6c0", "#e3b18d", "#cb8f66", "#a96d44", "#7d4d2e", "#5a3722")
MOSS, WINE, LILAC, OCHRE = "#4d6b4f", "#7b2d43", "#a8a2d0", "#c7823a"
BLACK, BROWN, FAIR, GREY, RED = "#221c1f", "#553522", "#d9ac5c", "#b9bdc2", "#b4532a"


class Bust(NamedTuple):
    """A head and shoulders.

    `looks` are words of `_bust`: bob, short, long, bun, curls, scarf, cap, bald, beard, glasses, fringe.
    """

    ground: str
    skin: int
    hair: str
    coat: str
    looks: str


class Scene(NamedTuple):
    sky: str
    sun: str
    land: tuple[str, str, str]
    kind: str  # hills, waves or peaks


class Tile(NamedTuple):
    colours: tuple[str, str, str, str]
    turns: int


class Initial(NamedTuple):
    """A letter of Pillow's typeface; a lighthouse replaces the letter if there is none."""

    letter: str
    ground: str
    ink: str
    accent: str


LOOKS: dict[str, Bust | Scene | Tile | Initial] = {
    "adaeze": Bust(MUSTARD, 5, BLACK, SEA, "curls"),
    "amani": Bust(TEAL, 5, "#e8553f", CREAM, "wrap"),
    "arjun": Scene("#f7d9a8", "#ef6f4d", ("#3d7f8c", "#2a5f74", "#1b4058"), "waves"),
    "baptiste": Bust("#f0c7b4", 4, BLACK, NAVY, "short beard"),
    "bada": Scene("#d5e7ee", "#fdfbf2", ("#6aa5bd", "#3f7fa0", "#22587c"), "waves"),
    "baraka": Initial("B", "#14532d", MUSTARD, "#2f8f58"),
    "bex": Bust("#ffd9a0", 1, BROWN, "#f27a2c", "bun"),
    "bowen": Tile((NAVY, CORAL, CREAM, TEAL), 1),
    "bram": Bust(LILAC, 3, BLACK, INK, "short glasses beard"),
    "callum": Bust(MOSS, 0, RED, CREAM, "cap beard"),
    "camille": Bust("#c9dde4", 0, BLACK, BRICK, "bob fringe"),
    "chiara": Tile((BRICK, SAND, PLUM, MUSTARD), 2),
    "deniz": Bust(CORAL, 1, BLACK, NAVY, "short beard"),
    "desmond": Bust("#31343b", 4, GREY, "#0f1115", "bald glasses beard"),
    "deungdae": Initial("", NAVY, CREAM, CORAL),
    "devika": Bust("#f3b24c", 3, BLACK, WINE, "long"),
    "edda": Bust(MIST, 2, GREY, TEAL, "bob glasses"),
    "eitan": Tile((SEA, MUSTARD, SNOW, NAVY), 3),
    "eleni": Scene("#bfe3f2", "#fff4d0", ("#f2f2ee", "#2f86b8", "#1b5f8e"), "peaks"),
    "felix": Bust(SAND, 4, BLACK, MOSS, "curls glasses"),
    "gwen": Bust(PLUM, 1, BLACK, MUSTARD, "bob"),
    "haiyue": Scene("#1b2a52", "#f6f0d6", ("#31518a", "#24406f", "#182c50"), "waves"),
    "hamza": Bust("#9cc5b4", 3, BLACK, CREAM, "short beard glasses"),
    "haruka": Bust(CREAM, 0, BLACK, CORAL, "bob fringe"),
    "ifan": Scene("#f2d8c9", "#f4845f", ("#7f9c6d", "#5a7d54", "#37593f"), "hills"),
    "imogen": Initial("i", CREAM, INK, CORAL),
    "ines": Bust(CORAL, 1, BROWN, CREAM, "long"),
    "juergen": Tile((STONE, INK, CREAM, BRICK), 2),
    "kazik": Initial("K", BRICK, CREAM, "#d8604f"),
    "kofi": Bust("#f4d58d", 5, BLACK, PLUM, "short glasses"),
    "layla": Bust("#e9d5c0", 2, TEAL, NAVY, "scarf"),
    "lotte": Bust(TEAL, 0, FAIR, BRICK, "bun glasses"),
    "mared": Bust("#c8402f", 0, RED, SNOW, "long fringe"),
    "marigold": Bust("#ffe2a8", 2, GREY, "#e07b39", "curls"),
    "mateo": Scene("#fbd3a4", "#fff2d2", ("#e2764f", "#b2503f", "#6e3140"), "peaks"),
    "mere": Tile((INK, BRICK, SNOW, MOSS), 1),
    "nadia": Bust("#22304a", 2, BLACK, "#46516a", "bob glasses"),
    "nino": Scene("#e9dfef", "#f0a35e", ("#8f7fb0", "#62558c", "#3c3566"), "peaks"),
    "noa": Bust(SNOW, 1, BROWN, SEA, "curls glasses"),
    "oksana": Bust("#f6d34a", 0, FAIR, "#2d69b3", "long"),
    "oriel": Bust("#f2b5a7", 1, "#7a2f52", INK, "short glasses"),
    "otis": Bust(NAVY, 5, BLACK, CORAL, "short"),
    "pip": Bust("#8fd0dc", 4, BLACK, "#f7c92f", "hood"),
    "priya": Bust(ROSE, 3, BLACK, MOSS, "bun"),
    "ravi": Initial("R", "#f6f1e4", "#d8322a", INK),
    "rui": Tile(("#2c6fb0", SNOW, "#f2c14b", "#1d4f86"), 0),
    "saoirse": Bust(MOSS, 0, RED, CREAM, "curls"),
    "shirin": Bust("#d7c2e0", 2, PLUM, MUSTARD, "scarf"),
    "solvei": Bust("#cdd6dd", 0, GREY, NAVY, "short"),
    "sota": Scene("#f6e7d3", "#d8453a", ("#8fb3bd", "#5b8a99", "#2f5f74"), "waves"),
    "sunniva": Scene("#dbe9ea", "#fff6d6", ("#9db7b5", "#5f8d92", "#2c5a68"), "peaks"),
    "aino": Scene("#eef1ee", "#cfd8d6", ("#b7c6c5", "#8fa6a8", "#5f7b82"), "hills"),
    "tamsin": Bust("#a9d3c8", 1, BROWN, PLUM, "bun glasses fringe"),
    "taras": Initial("T", "#20304f", "#f6d34a", "#3f7fd0"),
    "thuy": Scene("#ffe6b5", "#f2674a", ("#6fb39a", "#3f8a7c", "#24615f"), "hills"),
    "tove": Initial("T.", SNOW, INK, MUSTARD),
    "wren": Bust(OCHRE, 1, BROWN, MOSS, "bob glasses"),
    "yusuf": Bust("#3f7f86", 3, BLACK, CREAM, "short beard"),
    "zanele": Bust(WINE, 5, BLACK, MUSTARD, "bun"),
    "zofia": Bust("#dfe6c8", 0, FAIR, WINE, "bob"),
}


def avatar(name: str) -> Sheet:
    """The picture of one person. Raises KeyError for an unknown person."""
    if name in SIGNS:
        return SIGNS[name]()
    match LOOKS[name]:
        case Bust() as bust:
            return _bust(bust)
        case Scene() as scene:
            return _scene(scene)
        case Tile() as tile:
            return _tile(tile)
        case Initial() as initial:
            return _initial(initial)


def _bust(b: Bust) -> Sheet:
    s = Sheet(SIZE, SIZE, b.ground)
    s.disc(192, 206, 150, mixed(b.ground, SNOW, 0.18))
    skin, shade = SKIN[b.skin], mixed(SKIN[b.skin], "#5a2a1a", 0.22)
    dark = mixed(b.hair, "#000000", 0.18)
    looks = b.looks.split()
    _behind(s, looks, b.hair, dark)
    s.disc(192, 420, 158, b.coat, 150)
    s.rect(162, 230, 60, 78, shade, 28)
    s.disc(192, 300, 42, skin, 18)
    s.poly([(150, 286), (192, 326), (234, 286), (252, 300), (192, 372), (132, 300)], mixed(b.coat, SNOW, 0.25))
    s.disc(192, 178, 74, skin, 88)
    s.poly([(196, 176), (208, 208), (192, 210)], shade)
    if "beard" in looks:
        s.poly([(121, 190), (134, 240), (166, 270), (218, 270), (250, 240), (263, 190), (240, 214), (144, 214)], dark)
        s.rect(166, 222, 52, 12, mixed(SKIN[b.skin], "#7a1f1f", 0.35), 6)
    else:
        s.arc(192, 212, 22, (25, 155), mixed(SKIN[b.skin], "#7a1f1f", 0.5), 6)
    for x in (162, 222):
        s.disc(x, 172, 7, INK)
    _hair(s, looks, b.hair, dark)
    if "glasses" in looks:
        frame = INK if b.skin < 4 else CREAM  # dark frames do not show on dark skin
        for x in (160, 224):
            s.ring(x, 174, 26, frame, 6)
        s.line([(186, 170), (198, 170)], frame, 6)
    return s


def _behind(s: Sheet, looks: list[str], hair: str, dark: str) -> None:
    """Draw the part behind the head."""
    if "long" in looks:
        s.rect(100, 96, 184, 260, dark, 84)
    if "bob" in looks:
        s.rect(98, 92, 188, 184, dark, 78)
    if "curls" in looks:
        for i in range(13):
            a = math.radians(150 + i * 20)
            s.disc(192 + 88 * math.cos(a), 164 + 88 * math.sin(a), 36, dark)
    if "bun" in looks:
        s.disc(192, 66, 42, dark)
    if "scarf" in looks:
        s.disc(192, 190, 112, hair, 126)
        s.poly([(92, 220), (292, 220), (330, 384), (54, 384)], hair)
    if "hood" in looks:
        s.disc(192, 184, 122, "#e0ae12", 132)
    if "wrap" in looks:
        s.disc(192, 96, 96, dark, 70)


def _hair(s: Sheet, looks: list[str], hair: str, dark: str) -> None:
    """Draw the part over the forehead."""
    if "scarf" in looks:
        s.arc(192, 184, 88, (150, 390), hair, 34)
        s.poly([(112, 230), (150, 270), (192, 284), (234, 270), (272, 230), (284, 300), (192, 340), (100, 300)], hair)
        s.line([(118, 250), (192, 304), (276, 262)], dark, 4)
    elif "hood" in looks:
        s.arc(192, 190, 96, (160, 380), "#f7c92f", 30)
        s.poly([(120, 130), (150, 96), (234, 96), (264, 130), (230, 116), (154, 118)], hair)
    elif "wrap" in looks:
        s.poly([(112, 152), (122, 90), (192, 60), (262, 90), (272, 152), (192, 122)], hair)
        s.line([(120, 140), (192, 106), (264, 140)], MUSTARD, 9)
        s.disc(236, 66, 30, hair)
    elif "cap" in looks:
        s.poly([(112, 142), (126, 92), (192, 72), (258, 92), (272, 142)], INK)
        s.rect(104, 134, 206, 18, INK, 9)
    elif "bald" in looks:
        s.disc(168, 112, 16, mixed(SKIN[4], SNOW, 0.25), 9)
    elif "fringe" in looks:
        s.poly([(114, 164), (122, 108), (160, 82), (224, 82), (262, 108), (270, 164), (244, 146), (140, 146)], hair)
    elif "curls" in looks:
        for i in range(7):
            a = math.radians(196 + i * 25)
            s.disc(192 + 68 * math.cos(a), 150 + 70 * math.sin(a), 30, hair)
    elif "bald" not in looks:
        s.poly(
            [(114, 176), (116, 124), (150, 84), (214, 78), (256, 106), (270, 176), (254, 138), (206, 122), (138, 138)],
            hair,
        )


def _scene(c: Scene) -> Sheet:
    s = Sheet(SIZE, SIZE, c.sky)
    s.fade(c.sky, mixed(c.sky, c.sun, 0.35))
    s.disc(250, 140, 56, c.sun)
    for i, tone in enumerate(c.land):
        y = 200 + i * 58
        if c.kind == "peaks":
            line = [
                (-20, y + 60),
                (80 - i * 30, y - 40 + i * 10),
                (160, y + 30),
                (260 + i * 24, y - 60 + i * 26),
                (404, y + 50),
            ]
            s.poly([*line, (404, 400), (-20, 400)], tone)
        else:
            reach = 34 if c.kind == "hills" else 13
            s.poly(below(wave(SIZE, y, reach, 330 - i * 40 if reach > 20 else 150 + i * 40, i * 0.31 + 0.1), 400), tone)
    return s


def _tile(c: Tile) -> Sheet:
    """Four quarter circles, turned."""
    a, b, d, e = c.colours
    s = Sheet(SIZE, SIZE, d)
    corners = ((0, 0), (192, 0), (0, 192), (192, 192))
    for i, (x, y) in enumerate(corners):
        s.rect(x, y, 192, 192, (a, d, d, b)[i])
        cx, cy = corners[(i + c.turns) % 4]
        ox, oy = x + (192 if cx else 0), y + (192 if cy else 0)
        arc = [
            (
                ox + math.copysign(192, x + 96 - ox) * math.cos(t / 40 * math.pi / 2),
                oy + math.copysign(192, y + 96 - oy) * math.sin(t / 40 * math.pi / 2),
            )
            for t in range(41)
        ]
        s.poly([(ox, oy), *arc], (d, e, a, e)[i])
        inner = [(ox + (px - ox) * 0.48, oy + (py - oy) * 0.48) for px, py in arc]
        s.poly([(ox, oy), *inner], (b, a, b, d)[i])
    return s


def _initial(c: Initial) -> Sheet:
    s = Sheet(SIZE, SIZE, c.ground)
    s.disc(300, 310, 130, c.accent)
    if c.letter:
        s.text(180, 205, c.letter, 270, c.ink, weight=0.75)
    else:
        _beacon(s, c.ink)
    return s


def _beacon(s: Sheet, ink: str) -> None:
    s.poly([(120, 330), (150, 150), (210, 150), (240, 330)], ink)
    s.rect(150, 96, 60, 46, ink)
    s.poly([(136, 92), (180, 52), (224, 92)], ink)


NAMES = (*LOOKS, *SIGNS)
