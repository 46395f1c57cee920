"""Draw every picture of the invented conference into its folder: `python -m art [FOLDER]`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from art import notes, paper, patterns, places, things
from art.avatars import NAMES, avatar
from art.emojis import EMOJIS, emoji
from art.sheet import Sheet
from connectors.networks.rehearsal.archive import BUILT_IN

PICTURES: tuple[Callable[[], Sheet], ...] = (
    places.hall_dawn, places.keynote_stage, places.harbour_morning, places.harbour_dusk, places.lighthouse,
    places.containers, places.lights, places.ferry, places.chairs,
    things.coffee, things.umbrellas, things.gull, things.scarf, things.hands,
    patterns.tide_rings, patterns.fog_horn, patterns.constellation, patterns.stripes, patterns.knots,
    patterns.wifi_graph, patterns.forgetting,
    paper.slide_chart, paper.lanyard, notes.sketchnote_keynote, notes.sketchnote_captions, paper.poster_bins,
    paper.poster_harbour, paper.sign, paper.letter_before, paper.letter_after, notes.evacuation, notes.town_map,
    notes.sticky_wall, paper.podcast, paper.departures,
)  # fmt: skip
BUDGET = 29_000  # bytes of one picture: all of them are in the wheel
AVATAR = 192


def encoded(image: Image.Image, budget: int) -> bytes:
    """WebP at the best quality within the budget, and of decent quality at any size."""
    for quality in range(82, 45, -6):
        file = BytesIO()
        image.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= budget:
            break
    return file.getvalue()


def draw_all(folder: Path, *, pictures: Sequence[Callable[[], Sheet]] = PICTURES, names: Sequence[str] = NAMES) -> None:
    """Write pictures/, avatars/ and emojis/ in `folder`."""
    for kind in ("pictures", "avatars", "emojis"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for seed, picture in enumerate(pictures):
        name = picture.__name__.replace("_", "-")
        (folder / "pictures" / f"{name}.webp").write_bytes(encoded(picture().finish(seed, grain=3), BUDGET))
    for seed, name in enumerate(names):
        image = avatar(name).finish(seed, grain=2).resize((AVATAR, AVATAR), Image.Resampling.LANCZOS)
        (folder / "avatars" / f"{name}.webp").write_bytes(encoded(image, budget=3_500))
    for name in EMOJIS:
        (folder / "emojis" / f"{name}.webp").write_bytes(encoded(emoji(name), budget=6_000))


if __name__ == "__main__":
    draw_all(Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT_IN / "harbour")
