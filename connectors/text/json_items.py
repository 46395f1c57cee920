"""The items of a list in JSON, each by itself, so that one beyond repair costs no other.

Where the whole can't be decoded, the text is walked: from each position where an item may begin, one value is decoded,
and what lies between two items is broken. The work is a multiple of the text's length, whatever the text is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import islice
from typing import Any, Final

import msgspec

from connectors.text import php_lists
from connectors.text.lenient_json import DECODER, as_list, bare, decode, repaired, text_of

IsItem = Callable[[Any], bool]
"""Whether a value is an item: its parts may have the same form, and stand in lists as well."""

MAX_WORK: Final = 8
"""Characters that are decoded for each character of the text; then the rest counts as broken."""
MIN_WORK: Final = 400
"""Characters that one attempt counts for, at least."""
MAX_BRACKETS: Final = 20
"""Closing brackets, from the end, of which one may be that of a list whose last item is broken."""
MAX_LISTS: Final = 4
"""Lists of the name that is looked for."""
MAX_BEHIND: Final = 16 * 1024
"""Characters that may follow such a list."""
FIRST_SLICE: Final = 8 * 1024
LONGEST_TOKEN: Final = 12
"""Characters of a literal or an escape, any of which may be cut off."""

_BETWEEN: Final = re.compile(r"[\s,]*+")
_NEXT: Final = re.compile(r",\s*+(?=\{)")
_NAME: Final = r'("(?:[^"\\]|\\.){0,200}+")'
_FIRST_NAME: Final = re.compile(rf"\{{\s*+{_NAME}")
_BEHIND: Final = re.compile(rf"\s*+(?:\}}|\Z|,\s*+{_NAME})")
_WHOLE: Final = re.compile(r"\]\s*+\}?\s*+\Z")
_CLOSING: Final = re.compile(r"[\s,]*+\]")
_BEHIND_LIST: Final = re.compile(r"\s*+\Z")
_BEHIND_LIST_IN_OBJECT: Final = re.compile(r'\s*+(?:,\s*+"|\}\s*+\Z)')


def items(data: bytes, is_item: IsItem) -> list[bytes] | None:
    """The values of a list as JSON each, so that each can be read by itself; None for anything else.

    PHP turns a list with removed items into an object whose keys are numbers: it counts as a list. In a list with an
    item beyond repair only items count, and whatever lies between two of them is one invalid value. Raises ValueError,
    also for a list that is cut off.
    """
    try:
        return [bytes(value) for value in msgspec.json.decode(data, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        found = as_list(decode(data))
    except ValueError:
        text = bare(repaired(text_of(data)))
        text = php_lists.listed(text) or text
        if not (text.startswith("[") and text.endswith("]")):
            raise
        return [piece.encode() for piece in _pieces(text, 1, is_item)[0]]
    return None if found is None else [msgspec.json.encode(value) for value in found]


def decode_listing(data: bytes, name: str, is_item: IsItem) -> Any:
    """The decoded JSON. If it is an object with a list `name`, an item beyond repair is there as its text.

    Raises ValueError if it can't be read, or has no readable item.
    """
    try:
        return decode(data)
    except ValueError:
        text = bare(repaired(text_of(data)))
        found = [each for start in _lists(text, name) if any(map(is_item, (each := _listing(text, start, is_item))[1]))]
        if not found:
            raise
    whole, listed = max(found, key=lambda each: len(each[1]))
    return {**whole, name: listed}


def _lists(text: str, name: str) -> list[int]:
    """Where lists of this name begin in an object: one within an item, or beside them, may have it as well."""
    if not (text.startswith("{") and text.endswith("}")):
        return []
    return [found.end() for found in islice(re.finditer(rf'"{name}"\s*+:\s*+(?=[\[{{])', text), MAX_LISTS)]


def _listing(text: str, start: int, is_item: IsItem) -> tuple[dict[str, Any], list[Any]]:
    """(the object without this list, the list's items, or their text where they are broken); no items if it is none."""
    if text[start] == "{":
        text = php_lists.listed(text, start, is_rest=_may_follow) or ""
    try:
        pieces, end = _pieces(text, start + 1, is_item) if text else ([], 0)
    except ValueError:
        pieces, end = [], 0
    begun = text[: start + 1] + "]"
    whole = next((found for rest in (text[end:], "}") if isinstance(found := _value(begun + rest), dict)), {})
    return whole, [_value(piece) for piece in pieces]


def _may_follow(text: str) -> bool:
    """Whether it may follow a list in an object, up to the object's end."""
    return bool(_BEHIND_LIST_IN_OBJECT.match(text)) and isinstance(_value('{"":0' + text), dict)


def _value(text: str) -> Any:
    """The value, or its text if it is broken."""
    try:
        return decode(text.encode())
    except ValueError:
        return text


def _pieces(text: str, start: int, is_item: IsItem) -> tuple[list[str], int]:
    """(items and what is broken between them, end) of the list whose values begin at `start`.

    Raises ValueError if it is cut off.
    """
    pieces: list[str] = []
    walk = _Walk(text, is_item)
    behind_list = _BEHIND_LIST if text.startswith("[") else _BEHIND_LIST_IN_OBJECT
    found = walk.following(start)
    while found is not None:
        begin, end = found
        closing = _CLOSING.match(text, end)
        found = walk.following(closing.end() if closing else end)
        if closing and (found or not behind_list.match(text, closing.end())):
            continue  # the bracket, and so the value, is a part of a broken item
        pieces += [*_broken(text[start:begin]), text[begin:end]]
        if closing:
            return pieces, closing.end()
        start = end
    end = _end_of_list(text, start)
    return [*pieces, *_broken(text[start : end - 1])], end


def _end_of_list(text: str, start: int) -> int:
    """The index behind the bracket that closes the list, whose last item is broken: what follows it can be read.

    Raises ValueError if there is none.
    """
    if _WHOLE.search(text, max(start, len(text) - 100)):
        return text.rindex("]") + 1
    found, at = 0, len(text)
    for _ in range(MAX_BRACKETS if text.startswith("{") else 0):
        at = text.rfind("]", start, at)
        if at < 0:
            break
        if len(text) - at > MAX_BEHIND:
            break
        if _may_follow(text[at + 1 :]):
            found = at + 1
    if not found:
        raise ValueError("the list is cut off")
    return found


def _broken(between: str) -> list[str]:
    return [found] if (found := between.strip(", \t\r\n")) else []


class _Walk:
    """The attempts to decode one value of a text, with a bound for all of them together."""

    def __init__(self, text: str, is_item: IsItem) -> None:
        self.text = text
        self.is_item = is_item
        self.left = MAX_WORK * len(text) + 1_000 * MIN_WORK

    def following(self, start: int) -> tuple[int, int] | None:
        """Beginning and end of the first item from `start` on; None if there is none, or no work left."""
        between = _BETWEEN.match(self.text, start)
        begin = between.end() if between else start
        while self.left > 0:
            if end := self._end(begin):
                return begin, end
            if (further := _NEXT.search(self.text, begin)) is None:
                return None
            begin = further.end()
        return None

    def _end(self, begin: int) -> int:
        """The end of the item that begins there; 0 if there is none.

        A slice is decoded, longer if it is cut off: an error costs time for the text before it.
        """
        size = FIRST_SLICE
        while True:
            part = self.text[begin : begin + size]
            value, reached = _decoded(part)
            self.left -= max(reached, MIN_WORK)
            if value is not None:
                end = begin + reached
                return end if self.is_item(value) and not _goes_on(self.text, begin, end) else 0
            if reached < len(part) or begin + size >= len(self.text):
                return 0
            size *= 8


def _goes_on(text: str, begin: int, end: int) -> bool:
    """Whether an item seems to go on behind its last bracket, or has taken the last brackets of the text.

    Its own first name there is the next item's, whose first bracket is missing.
    """
    behind, first = _BEHIND.match(text, end), _FIRST_NAME.match(text, begin)
    return behind is not None and (behind[1] is None or first is None or behind[1] != first[1])


def _decoded(part: str) -> tuple[Any, int]:
    """(value at the beginning, its end), or (None, where an error is): at the part's end, if it is cut off."""
    try:
        value, end = DECODER.raw_decode(part)
    except json.JSONDecodeError as error:
        is_cut_off = error.msg.startswith("Unterminated") or error.pos > len(part) - LONGEST_TOKEN
        return None, len(part) if is_cut_off else error.pos
    except RecursionError:
        return None, len(part)
    return value, end
