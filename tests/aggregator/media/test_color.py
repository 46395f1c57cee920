"""The placeholder colour of a picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aggregator.media.color import BASE_83, color_of_blurhash, mean_color


def blurhash(mean: int) -> str:
    """Return a blurhash with one component, the mean colour: a size flag, a maximum, and four digits."""
    digits = [mean // 83**place % 83 for place in (3, 2, 1, 0)]
    return "00" + "".join(BASE_83[digit] for digit in digits)


def picture(*pixels: tuple[int, int, int, int]) -> Image.Image:
    """One row of pixels."""
    return Image.frombytes("RGBA", (len(pixels), 1), b"".join(map(bytes, pixels)))


@pytest.mark.parametrize(
    ("pixels", "mean"),
    [
        ([(18, 52, 86, 255)] * 3, "#123456"),
        ([(0, 0, 0, 255), (255, 255, 255, 255)], "#808080"),
        ([(255, 0, 0, 255), (0, 0, 255, 0)], "#ff0000"),
        ([(255, 0, 0, 0)], "#808080"),
    ],
    ids=["one colour", "black and white", "half of it transparent", "nothing visible"],
)
def test_mean_color_counts_a_pixel_as_much_as_it_is_opaque(pixels: list[tuple[int, int, int, int]], mean: str) -> None:
    assert mean_color(picture(*pixels)) == mean


@given(st.integers(0, 0xFFFFFF))
def test_blurhash_tells_its_mean_color(mean: int) -> None:
    assert color_of_blurhash(blurhash(mean)) == f"#{mean:06x}"


def test_blurhash_with_details_tells_its_mean_color() -> None:
    assert color_of_blurhash("LEHV6nWB2yk8pyo0adR*.7kCMdnj") == "#979695"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("00000", id="too short"),
        pytest.param("0000000", id="longer than its size flag says"),
        pytest.param("L00000", id="shorter than its size flag says"),
        pytest.param("00~~~~", id="brighter than white"),
        pytest.param('00"000', id="a digit that is none"),
    ],
)
def test_blurhash_that_is_none_has_no_color(text: str) -> None:
    assert color_of_blurhash(text) == ""


@given(st.text(max_size=40))
def test_blurhash_may_be_any_text(text: str) -> None:
    color = color_of_blurhash(text)
    assert color == "" or len(bytes.fromhex(color[1:])) == 3
