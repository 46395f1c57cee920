"""JSON as servers really write it: common faults are repaired, and the rest is read.

Repaired are half a surrogate pair, unknown escapes, bytes that are not UTF-8, control characters inside a text, numbers
beyond a float, a byte order mark, a comma before a closing bracket, HTML comments, PHP's warnings and NULs around it,
prefixes that keep scripts from reading it (RFC 8259 allows none of these) and deep nesting (it allows a limit); all
else raises ValueError. `json_items.py` reads a list with an item beyond repair.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
MAX_DIGITS: Final = 40
"""Digits of a number. A longer one means nothing here, and takes time that grows with the square."""
DEEPEST: Final = 100
"""Levels of lists and objects; deeper ones become null. Ten are many."""
LOOKED_AT: Final = 64 * 1024
"""Bytes within which JSON must begin."""
COMMENTS_AT_MOST: Final = 5
"""Comments behind the JSON that are removed."""
MAX_SMALL: Final = 8 * 1024
"""Bytes that are decoded, and repaired if need be, within five milliseconds."""

_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)
_BLANKS: Final = " \t\r\n\f\v\0\ufeff"
_BEFORE: Final = re.compile(
    r"(?:[ \t\r\n\f\v\0\ufeff]|<!--.*?-->|\)\]\}',?|while\s?\(1\);|for\s?\(;;\);"
    r"|<br\s?/?>|<b>[A-Z][A-Za-z ]{3,40}</b>:\s.{1,2000}? on line <b>\d+</b>"
    r"|(?:PHP )?(?:Warning|Notice|Deprecated|Strict Standards|[A-Za-z ]{0,20}[Ee]rror):\s.{1,2000}? on line \d+)*+",
    re.DOTALL,
)
"""White space, HTML comments, PHP's warnings, and prefixes that keep a page's scripts from reading an answer."""
_COMMA: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|(?P<comma>,(?=\s*[}\]]))', re.DOTALL)
_ESCAPE: Final = re.compile(
    r"(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole pair
    r"|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}"
    r'|\\["\\/bfnrt])++'
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\(?P<unknown>.?)",
    re.DOTALL,
)


def decode(data: bytes) -> Any:
    """The decoded JSON. Raises ValueError if it can't be read.

    Repairing takes some tenths of a second for a megabyte: on the event loop, use `decode_small`.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _lenient(text_of(data))


def decode_small(data: bytes) -> Any:
    """The decoded JSON, within five milliseconds. Raises ValueError, also for more than MAX_SMALL bytes."""
    if len(data) > MAX_SMALL:
        raise ValueError("too large to be decoded at once")
    return decode(data)


def as_list(value: Any) -> list[Any] | None:
    """A list, or the values of an object whose keys are all numbers, in their order; else None."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and value and all(isinstance(key, str) and key.isdecimal() for key in value):
        return [value[key] for key in sorted(value, key=lambda key: (len(key), key))]
    return None


def text_of(data: bytes) -> str:
    """The text in its encoding; invalid bytes become U+FFFD."""
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    return data.decode(encoding, "replace")


def begins_with(data: bytes, sign: str) -> bool:
    """Whether the JSON begins with this sign, after the prefixes of some servers."""
    text = text_of(data[:LOOKED_AT])
    return text.startswith(sign, _start(text))


def repaired(text: str) -> str:
    """The same with valid escapes: an unknown one becomes its letter, half a surrogate pair U+FFFD."""
    return _ESCAPE.sub(_valid_escape, text)


def _valid_escape(found: re.Match[str]) -> str:
    if found["half"]:
        return "\\ufffd"
    return found[0] if found["unknown"] is None else found["unknown"]


def _lenient(text: str) -> Any:
    mended = repaired(text)
    try:
        return _deep(mended)
    except ValueError:
        tidy = _tidied(mended)
        if tidy == mended:
            raise
        return _deep(tidy)


def _tidied(text: str) -> str:
    """The same without prefixes and suffixes around the JSON, and without commas before a closing bracket."""
    return _COMMA.sub(lambda found: "" if found["comma"] else found[0], bare(text))


def bare(text: str) -> str:
    """The same without what servers put before and behind the JSON."""
    end = text.rstrip(_BLANKS)
    for _ in range(COMMENTS_AT_MOST):
        if not end.endswith("-->") or (begun := end.rfind("<!--")) < 0:
            break
        end = end[:begun].rstrip(_BLANKS)
    return end[_start(text) :]


def _start(text: str) -> int:
    found = _BEFORE.match(text)
    return found.end() if found else 0


def _deep(text: str) -> Any:
    try:
        return _loads(text)
    except RecursionError:
        return _loads(_shallow(text))


def _loads(text: str) -> Any:
    return DECODER.decode(text)


def _shallow(text: str) -> str:
    """The same without values that are nested too deeply."""
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
    return int(digits) if len(digits) <= MAX_DIGITS else None


DECODER: Final = json.JSONDecoder(strict=False, parse_int=_number, parse_constant=lambda _: None)
"""A decoder for repaired text."""
