"""The drawings: what is committed is what the code draws, so that a picture can be changed and not only replaced."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from art.__main__ import PICTURES, draw_all, encoded
from art.avatars import NAMES, avatar
from art.emojis import EMOJIS, emoji
from art.sheet import Sheet
from connectors.networks.rehearsal.archive import BUILT_IN

pytestmark = pytest.mark.unmeasured  # the pictures say more than lines do
HARBOUR = BUILT_IN / "harbour"
SAMPLE = (48, 48)
NEAR = 4.0  # mean difference out of 255: what compression takes, and far less than another picture


def kept_at(path: Path) -> Image.Image:
    return Image.open(BytesIO(path.read_bytes()))


def difference(drawn: Image.Image, path: Path) -> float:
    pair = [image.convert("RGBA").resize(SAMPLE, Image.Resampling.BOX) for image in (drawn, kept_at(path))]
    means: list[float] = ImageStat.Stat(ImageChops.difference(pair[0], pair[1])).mean
    return max(means)


@pytest.mark.parametrize("picture", PICTURES[::8], ids=lambda picture: picture.__name__)
def test_picture_is_the_one_that_ships(picture: Callable[[], Sheet]) -> None:
    path = HARBOUR / "pictures" / f"{picture.__name__.replace('_', '-')}.webp"
    drawn = picture().finish(0, grain=0)
    assert drawn.size == kept_at(path).size
    assert difference(drawn, path) < NEAR


@pytest.mark.parametrize("name", NAMES[::12])
def test_avatar_is_the_one_that_ships(name: str) -> None:
    assert difference(avatar(name).finish(0), HARBOUR / "avatars" / f"{name}.webp") < NEAR


@pytest.mark.parametrize("name", EMOJIS)
def test_emoji_is_the_one_that_ships_and_is_clear_at_its_corners(name: str) -> None:
    drawn = emoji(name)
    assert [drawn.getchannel("A").getpixel(corner) for corner in ((0, 0), (127, 0))] == [0, 0]
    assert difference(drawn, HARBOUR / "emojis" / f"{name}.webp") < NEAR


def test_avatars_differ_from_each_other() -> None:
    some = NAMES[::6]
    assert len({avatar(name).finish(0, grain=0).tobytes() for name in some}) == len(some)


def test_drawing_twice_gives_the_same_bytes() -> None:
    assert [encoded(emoji("teapot"), 6_000) for _ in range(2)] == [
        (HARBOUR / "emojis" / "teapot.webp").read_bytes()
    ] * 2
    first, second = (avatar(NAMES[0]).finish(7).tobytes() for _ in range(2))
    assert first == second


def test_encoding_keeps_to_a_budget_where_it_can() -> None:
    noise = Image.effect_noise((256, 256), 90).convert("RGB")
    assert len(encoded(noise, 1)) < len(encoded(noise, 1_000_000))


def test_draw_all_fills_a_folder(tmp_path: Path) -> None:
    draw_all(tmp_path, pictures=PICTURES[-1:], names=NAMES[:1])
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.webp")) == [
        "avatars/adaeze.webp",
        "emojis/anchor.webp",
        "emojis/gull.webp",
        "emojis/lighthouse.webp",
        "emojis/teapot.webp",
        "pictures/departures.webp",
    ]


def test_a_veil_outside_the_sheet_draws_nothing() -> None:
    sheet = Sheet(20, 20, "#ffffff")
    sheet.veil([(100, 100), (120, 100), (110, 120)], "#000000", 1.0)
    assert sheet.finish(0, grain=0).getcolors() == [(400, (255, 255, 255))]
