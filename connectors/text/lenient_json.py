"""JSON as servers really write it: what one careless text breaks in it is mended, and the rest is read.

Half a surrogate pair, bytes that are not UTF-8, control characters inside a text, numbers beyond a float, a byte order
mark, a comma before a closing bracket, comments of HTML and NULs around it all, what keeps scripts from reading it (RFC
8259 allows none of them) and lists in lists in lists (it lets us set a limit) are mended; all else raises ValueError.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
LONGEST_NUMBER: Final = 40
"""Digits. A longer number means nothing here, and takes time that grows with the square."""
DEEPEST: Final = 100
"""Lists and objects inside one another; what lies deeper becomes null. Ten are many."""
LOOKED_AT: Final = 64 * 1024
"""Bytes in which JSON must begin."""
COMMENTS_AT_MOST: Final = 5
"""Comments behind JSON that are left out."""
AT_ONCE: Final = 8 * 1024
"""Bytes that are decoded, and mended if need be, within five milliseconds."""

_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)
_BLANKS: Final = " \t\r\n\f\v\0\ufeff"
_BEFORE: Final = re.compile(r"(?:[ \t\r\n\f\v\0\ufeff]|<!--.*?-->|\)\]\}',?|while\s?\(1\);|for\s?\(;;\);)*+", re.DOTALL)
"""Blanks, comments of HTML, and what keeps a page's scripts from reading an answer."""
_COMMA: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|(?P<comma>,(?=\s*[}\]]))', re.DOTALL)
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole pair
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\."
)


def decode(data: bytes) -> Any:
    """What the JSON says. Raises ValueError where it says nothing that can be read.

    Mending takes some tenths of a second for a megabyte: on the event loop, see `decode_quickly`.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _lenient(text_of(data))


def decode_quickly(data: bytes) -> Any:
    """The same within five milliseconds: what is larger than AT_ONCE is refused. Raises ValueError."""
    if len(data) > AT_ONCE:
        raise ValueError("too large to be decoded at once")
    return decode(data)


def items(data: bytes) -> list[bytes] | None:
    """The values of a list as JSON each, so that each can be read by itself; None for anything else.

    An object whose keys are numbers is a list from which PHP has taken something out. Raises ValueError.
    """
    try:
        return [bytes(value) for value in msgspec.json.decode(data, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = as_list(decode(data))
    return None if found is None else [msgspec.json.encode(value) for value in found]


def as_list(value: Any) -> list[Any] | None:
    """A list, or the values of an object whose keys are all numbers, in their order; else None."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and value and all(isinstance(key, str) and key.isdecimal() for key in value):
        return [value[key] for key in sorted(value, key=lambda key: (len(key), key))]
    return None


def text_of(data: bytes) -> str:
    """The text in its encoding; what is broken in it becomes U+FFFD."""
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    return data.decode(encoding, "replace")


def begins_with(data: bytes, sign: str) -> bool:
    """Whether JSON that begins with this sign stands there, behind what some servers put before it."""
    text = text_of(data[:LOOKED_AT])
    return text.startswith(sign, _start(text))


def _lenient(text: str) -> Any:
    mended = _ESCAPE.sub(lambda found: "\\ufffd" if found["half"] else found[0], text)
    try:
        return _deep(mended)
    except ValueError:
        tidy = _tidied(mended)
        if tidy == mended:
            raise
        return _deep(tidy)


def _tidied(text: str) -> str:
    """The same without what stands around the JSON, and without commas before a closing bracket."""
    end = text.rstrip(_BLANKS)
    for _ in range(COMMENTS_AT_MOST):
        if not end.endswith("-->") or (begun := end.rfind("<!--")) < 0:
            break
        end = end[:begun].rstrip(_BLANKS)
    return _COMMA.sub(lambda found: "" if found["comma"] else found[0], end[_start(text) :])


def _start(text: str) -> int:
    found = _BEFORE.match(text)
    return found.end() if found else 0


def _deep(text: str) -> Any:
    try:
        return _loads(text)
    except RecursionError:
        return _loads(_shallow(text))


def _loads(text: str) -> Any:
    return json.loads(text, strict=False, parse_int=_number, parse_constant=lambda _: None)


def _shallow(text: str) -> str:
    """The same without what is nested too deeply."""
    parts: list[str] = []
    depth = kept = 0
    for token in _BRACKET.finditer(text):
        if token[1]:
            depth += 1
            if depth == DEEPEST + 1:
                parts += text[kept : token.start()], "null"
        elif token[2]:
            if depth == DEEPEST + 1:
                kept = token.end()
            depth -= 1
    return "".join(parts) + (text[kept:] if depth <= DEEPEST else "")


def _number(digits: str) -> int | None:
    return int(digits) if len(digits) <= LONGEST_NUMBER else None
