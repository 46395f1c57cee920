"""The placeholder colour of a picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.media.color import BASE_83, average, color_of_blurhash

levels = st.integers(0, 255)
dots = st.tuples(levels, levels, levels, levels)


def blurhash(mean: int) -> str:
    """Return a blurhash with one component, the mean colour: a size flag, a maximum, and four digits."""
    digits = [mean // 83**place % 83 for place in (3, 2, 1, 0)]
    return "00" + "".join(BASE_83[digit] for digit in digits)


@given(levels, levels, levels)
def test_average_of_one_color_is_that_color(red: int, green: int, blue: int) -> None:
    assert average([(red, green, blue, 255)] * 3) == f"#{red:02x}{green:02x}{blue:02x}"


def test_average_of_black_and_white_is_the_grey_that_looks_halfway() -> None:
    assert average([(0, 0, 0, 255), (255, 255, 255, 255)]) == "#636363"


def test_average_counts_a_dot_as_much_as_it_is_opaque() -> None:
    assert average([(255, 0, 0, 255), (0, 0, 255, 0)]) == "#ff0000"


def test_average_of_nothing_visible_is_neutral() -> None:
    assert average([(255, 0, 0, 0)]) == "#808080"


@given(st.lists(dots))
def test_average_is_a_color_whatever_it_is_given(pixels: list[tuple[int, int, int, int]]) -> None:
    digits = average(pixels).removeprefix("#")
    assert len(bytes.fromhex(digits)) == 3


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
