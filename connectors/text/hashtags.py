"""Hashtags as Mastodon compares them: `#Sócitm09` and `#socitm09` are equal, `#socitm091` differs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import combining, normalize

TAG: Final = re.compile(r"(?!\d+$)[\w·・\u200c]+")
MAX_TAG: Final = 200
"""Characters of a hashtag in a text; a longer one names nothing that can be followed."""
UNJOINED: Final = str.maketrans("ðđħıĸŀłŉŋøŧ", "ddhikllnnot")  # Latin letters that decompose to nothing simpler

_IN_TEXT: Final = re.compile(rf"(?<![\w#&/])[#\uff03](\w{{1,{MAX_TAG}}}+)(?!\w)")


def fold(tag: str) -> str:
    """The text in NFKC and lower case, with Latin letters without their marks; marks of other scripts carry meaning."""
    if tag.isascii():
        return tag.lower()
    kept: list[str] = []
    latin = False
    for char in normalize("NFD", normalize("NFKC", tag).lower()):
        if combining(char) and latin:
            continue
        latin = char.isascii()
        kept.append(char)
    return normalize("NFC", "".join(kept)).translate(UNJOINED)


def read_tag(text: str) -> str:
    """The tag that `#text` or `text` names, in its normal form; empty if it is not a hashtag."""
    folded = fold(text.strip().removeprefix("#").removeprefix("\uff03"))
    return folded if TAG.fullmatch(folded) else ""


def carries(text: str, tags: frozenset[str]) -> str:
    """The first of `tags` that `text` contains as a whole hashtag; else empty."""
    return next((tag for tag in in_text(text) if tag in tags), "")


def in_text(text: str) -> Iterator[str]:
    """The hashtags in `text`, in their normal form."""
    for found in _IN_TEXT.finditer(text):
        yield fold(found[1])
