"""Conditional requests: when the reply is a 304."""

from __future__ import annotations

import pytest

from web.conditional import has_it


@pytest.mark.parametrize("etag", ['"a"', 'W/"a"'])
@pytest.mark.parametrize("asked", ['"a"', 'W/"a"', '"x", "a"', '"x",W/"a" ', " * "])
def test_browser_has_what_it_names_however_it_is_marked(asked: str, etag: str) -> None:
    assert has_it(asked, etag)


@pytest.mark.parametrize("asked", ["", '"x"', "a", '"A"', '"a', "W/*"])
def test_browser_has_nothing_that_it_does_not_name(asked: str) -> None:
    assert not has_it(asked, '"a"')
