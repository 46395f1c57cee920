"""PHP's lists with removed items, which it writes as objects with numbers for names, as the text of a list again.

It is for text that can't be decoded as a whole: the names between two items go, and what is broken stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

MAX_BRACKETS: Final = 20
"""Closing brackets, from the end, of which one may be that of the object."""

_NUMBER: Final = r'"[0-9]{1,20}"\s*+:\s*+'
_OPENING: Final = re.compile(rf"\{{\s*+{_NUMBER}")
_NEXT: Final = re.compile(rf"(?<=\}})(\s*+,\s*+){_NUMBER}(?=\{{)")


def listed(text: str, start: int = 0, *, is_rest: Callable[[str], bool] = str.isspace) -> str | None:
    """The same text with the object that begins at `start` as a list; None if it has no number for a first name.

    `is_rest` says whether a text may follow the object.
    """
    opening = _OPENING.match(text, start)
    end = _end(text, start, is_rest) if opening else 0
    if opening is None or not end:
        return None
    return f"{text[:start]}[{_NEXT.sub(_between, text[opening.end() : end])}]{text[end + 1 :]}"


def _between(found: re.Match[str]) -> str:
    return found[1]


def _end(text: str, start: int, is_rest: Callable[[str], bool]) -> int:
    """The index of the first closing bracket that may be the object's; 0 if there is none."""
    found, at = 0, len(text)
    for _ in range(MAX_BRACKETS):
        at = text.rfind("}", start, at)
        if at < 0:
            break
        if is_rest(text[at + 1 :] or " "):
            found = at
    return found
