"""A conference's colour is changed no more than readability needs."""

from __future__ import annotations

import pytest

from web.pages.colours import readable


@pytest.mark.parametrize(
    ("colour", "shown"),
    [("#7fd3ea", "#7fd3ea"), ("#ffffff", "#ffffff"), ("#000000", "#a6a6a6"), ("#000080", "#9999cc")],
)
def test_readable_adds_no_more_white_than_needed(colour: str, shown: str) -> None:
    assert readable(colour, "#0d1114") == shown
