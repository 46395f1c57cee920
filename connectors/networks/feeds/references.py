"""Character references of feeds (XML 1.0, 4.1): bare ampersands, halves of pairs, impossible numbers."""

from __future__ import annotations

import re
from typing import Final

_CDATA: Final = re.compile(rb"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_BARE: Final = re.compile(rb"&(?!(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9._-]{0,31});)")
_PAIR: Final = re.compile(rb"&#([xX][0-9a-fA-F]{4}|[0-9]{5});&#([xX][0-9a-fA-F]{4}|[0-9]{5});")
_NUMBER: Final = re.compile(rb"&#([xX][0-9a-fA-F]+|[0-9]+);")
_UNKNOWN: Final = "\ufffd".encode()
HIGH, LOW, BEYOND = range(0xD800, 0xDC00), range(0xDC00, 0xE000), 0x110000
MAX_DIGITS: Final = 10
"""Digits of a valid reference."""
ALLOWED: Final = frozenset({0x9, 0xA, 0xD})
"""The control characters that XML 1.0 allows."""


def mend_references(data: bytes) -> bytes:
    """The same markup with references that any parser can read; CDATA stays as it is."""
    pieces = _CDATA.split(data)
    pieces[::2] = [_mended(piece) if b"&" in piece else piece for piece in pieces[::2]]
    return b"".join(pieces)


def _mended(text: bytes) -> bytes:
    return _NUMBER.sub(_possible, _PAIR.sub(_joined, _BARE.sub(b"&amp;", text)))


def _joined(pair: re.Match[bytes]) -> bytes:
    """Two halves of a surrogate pair as their one character."""
    high, low = _value(pair[1]), _value(pair[2])
    if high in HIGH and low in LOW:
        return chr(0x10000 + (high - HIGH.start) * 0x400 + (low - LOW.start)).encode()
    return _possible_value(pair[1]) + _possible_value(pair[2])


def _possible(reference: re.Match[bytes]) -> bytes:
    return _possible_value(reference[1])


def _possible_value(digits: bytes) -> bytes:
    value = _value(digits)
    is_control = value < 0x20 and value not in ALLOWED  # noqa: PLR2004  the first 32 are controls
    if is_control or value in HIGH or value in LOW or value >= BEYOND or value in {0xFFFE, 0xFFFF}:
        return _UNKNOWN
    return b"&#" + digits + b";"


def _value(digits: bytes) -> int:
    if len(digits) > MAX_DIGITS:
        return BEYOND
    return int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)
