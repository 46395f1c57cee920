"""A sheet to draw on: shapes, type, soft light and grain, at twice the size so that every edge comes out smooth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Colour = str
Point = tuple[float, float]

SCALE = 2
WIDE, TALL, SQUARE = (1280, 720), (1024, 1280), (1080, 1080)
NIGHT, NAVY, SEA, TEAL, MIST = "#0b1526", "#14284b", "#1d5c7d", "#2a9d8f", "#cfe3e4"
CREAM, SAND, MUSTARD, CORAL, BRICK = "#f7efdf", "#ead9b8", "#edb445", "#ee6c4d", "#a63d2f"
PLUM, ROSE, INK, STONE, SNOW = "#3a2449", "#f2b5a7", "#20242e", "#8b949e", "#fdfbf6"


class Sheet:
    """A sheet. Coordinates are the finished picture's pixels."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.width = width
        self.height = height
        self._image = Image.new("RGB", (width * SCALE, height * SCALE), ground)
        self._draw = ImageDraw.Draw(self._image)

    def rect(self, x: float, y: float, w: float, h: float, fill: Colour, radius: float = 0) -> None:
        self._draw.rounded_rectangle(_scaled((x, y, x + w, y + h)), radius * SCALE, fill)

    def poly(self, points: Iterable[Point], fill: Colour) -> None:
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill)

    def disc(self, x: float, y: float, r: float, fill: Colour, ry: float | None = None) -> None:
        ry = r if ry is None else ry
        self._draw.ellipse(_scaled((x - r, y - ry, x + r, y + ry)), fill)

    def ring(self, x: float, y: float, r: float, colour: Colour, width: float = 2) -> None:
        self._draw.ellipse(_scaled((x - r, y - r, x + r, y + r)), None, colour, max(1, round(width * SCALE)))

    def arc(self, x: float, y: float, r: float, turn: tuple[float, float], colour: Colour, width: float) -> None:
        """Part of a circle, from one angle to another: degrees, clockwise from three o'clock."""
        steps = max(8, int(abs(turn[1] - turn[0]) / 4))
        angles = [math.radians(turn[0] + (turn[1] - turn[0]) * i / steps) for i in range(steps + 1)]
        self.line([(x + r * math.cos(a), y + r * math.sin(a)) for a in angles], colour, width)

    def line(self, points: Sequence[Point], colour: Colour, width: float = 2, *, ends: bool = True) -> None:
        """A stroke with round joints and, unless told otherwise, round ends."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        thick = max(1, round(width * SCALE))
        self._draw.line(scaled, colour, thick, "curve")
        r = thick / 2
        for x, y in (scaled[0], scaled[-1]) if ends and r > 1 else ():
            self._draw.ellipse((x - r, y - r, x + r, y + r), colour)

    def text(
        self, x: float, y: float, words: str, size: float, colour: Colour, *, weight: float = 0, anchor: str = "mm"
    ) -> None:
        """Pillow's own typeface; `weight` 0 is regular, 1 is very heavy."""
        font = ImageFont.load_default(size * SCALE)
        stroke = weight * size * SCALE * 0.055
        self._draw.text((x * SCALE, y * SCALE), words, colour, font, anchor, stroke_width=stroke, stroke_fill=colour)

    def fade(self, top: Colour, bottom: Colour, y: float = 0, h: float | None = None) -> None:
        """A vertical gradient across the whole width."""
        size = (self._image.width, round((self.height if h is None else h) * SCALE))
        mask = Image.linear_gradient("L").resize(size, Image.Resampling.BICUBIC)
        band = Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), mask)
        self._image.paste(band, (0, round(y * SCALE)))

    def veil(self, points: Sequence[Point], colour: Colour, strength: float, blur: float = 0) -> None:
        """A see-through polygon, with soft edges if `blur` is more than 0."""
        shrink = 4 if blur >= 8 else SCALE
        left, top = (max(0, int(min(p[axis] for p in points) - 3 * blur)) for axis in (0, 1))
        right = min(self.width, math.ceil(max(x for x, _ in points) + 3 * blur))
        bottom = min(self.height, math.ceil(max(y for _, y in points) + 3 * blur))
        if right <= left or bottom <= top:
            return
        factor = SCALE / shrink
        mask = Image.new("L", (math.ceil((right - left) * factor), math.ceil((bottom - top) * factor)), 0)
        shape = [((x - left) * factor, (y - top) * factor) for x, y in points]
        ImageDraw.Draw(mask).polygon(shape, round(255 * strength))
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * factor))
        size = ((right - left) * SCALE, (bottom - top) * SCALE)
        mask = mask.resize(size, Image.Resampling.BICUBIC)
        self._image.paste(colour, (left * SCALE, top * SCALE, right * SCALE, bottom * SCALE), mask)

    def halo(self, x: float, y: float, r: float, colour: Colour, strength: float, blur: float | None = None) -> None:
        around = [(x + r * math.cos(a * math.tau / 40), y + r * math.sin(a * math.tau / 40)) for a in range(40)]
        self.veil(around, colour, strength, r * 0.5 if blur is None else blur)

    def finish(self, seed: int, grain: int = 5) -> Image.Image:
        """The picture at its own size, with a trace of grain."""
        image = self._image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        if not grain:
            return image
        size = (self.width // 2, self.height // 2)
        noise = Image.frombytes("L", size, Random(seed).randbytes(size[0] * size[1]))  # grain, not a secret
        noise = noise.resize(image.size, Image.Resampling.BICUBIC).point(lambda v: v * 2 * grain // 255)
        return ImageChops.add(image, Image.merge("RGB", (noise,) * 3), 1, -grain)

    def cut_out(self, ground: Colour) -> Image.Image:
        """The picture at its own size, transparent where the `ground` is untouched."""
        flat = Image.new("RGB", self._image.size, ground)
        mask = ImageChops.difference(self._image, flat).convert("L").point(lambda v: 255 if v else 0)
        solid = self._image.convert("RGBA")
        solid.putalpha(mask)
        return solid.resize((self.width, self.height), Image.Resampling.LANCZOS)


def wave(width: float, y: float, height: float, length: float, shift: float = 0.0, step: float = 4) -> list[Point]:
    """A sine line from edge to edge."""
    count = int(width / step) + 2
    return [(i * step, y + height * math.sin((i * step / length + shift) * math.tau)) for i in range(count)]


def below(line: Sequence[Point], floor: float) -> list[Point]:
    """The area between a line and the floor."""
    return [*line, (line[-1][0], floor), (line[0][0], floor)]


def curve(points: Sequence[Point], rounds: int = 4) -> list[Point]:
    """Corners cut again and again, ends kept: a curve through the middle of things."""
    bent = list(points)
    for _ in range(rounds):
        cut = [bent[0]]
        for (ax, ay), (bx, by) in pairwise(bent):
            cut += [(ax * 0.75 + bx * 0.25, ay * 0.75 + by * 0.25), (ax * 0.25 + bx * 0.75, ay * 0.25 + by * 0.75)]
        bent = [*cut, bent[-1]]
    return bent


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """The colour between `a` and `b`."""
    pairs = zip(bytes.fromhex(a[1:]), bytes.fromhex(b[1:]), strict=True)
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in pairs)


def turned(points: Iterable[Point], x: float, y: float, degrees: float) -> list[Point]:
    """Points turned around (x, y)."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [(x + (px - x) * c - (py - y) * s, y + (px - x) * s + (py - y) * c) for px, py in points]


def _scaled(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    return box[0] * SCALE, box[1] * SCALE, box[2] * SCALE, box[3] * SCALE
