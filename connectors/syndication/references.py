"""References of feeds (XML 1.0, 4.1): bare ampersands, halves of pairs, impossible numbers, names of HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from html.entities import html5
from typing import Final

from connectors.syndication.outline import ROOT

_CDATA: Final = re.compile(rb"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_BARE: Final = re.compile(rb"&(?!(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9._-]{0,31});)")
_PAIR: Final = re.compile(rb"&#([xX][0-9a-fA-F]{4}|[0-9]{5});&#([xX][0-9a-fA-F]{4}|[0-9]{5});")
_NUMBER: Final = re.compile(rb"&#([xX][0-9a-fA-F]+|[0-9]+);")
_NAMED: Final = re.compile(rb"&([A-Za-z][A-Za-z0-9._-]{0,31});")
_DECLARED: Final = re.compile(rb"""<!ENTITY\s+([\w.-]{1,32})\s+(["'])(&#\w{1,8};|[^"'&<%]{0,32})\2\s*>""")
PREDEFINED: Final = {name: b"&%s;" % name for name in (b"amp", b"lt", b"gt", b"quot", b"apos")}
"""The names that XML defines."""
_UNKNOWN: Final = "\ufffd".encode()
HIGH, LOW, BEYOND = range(0xD800, 0xDC00), range(0xDC00, 0xE000), 0x110000
MAX_DIGITS: Final = 10
"""Digits of a valid reference."""
ALLOWED: Final = frozenset({0x9, 0xA, 0xD})
"""The control characters that XML 1.0 allows."""


def mend_references(data: bytes) -> bytes:
    """The same markup with references that any parser can read; CDATA stays as it is.

    Names become their characters: a parser drops those of HTML if the document type names an external file, and
    feedparser some of the document's own.
    """
    if b"&" not in data:
        return data
    names = _defined(data)
    pieces = _CDATA.split(data)
    pieces[::2] = [_mended(piece, names) if b"&" in piece else piece for piece in pieces[::2]]
    return b"".join(pieces)


def _defined(data: bytes) -> dict[bytes, bytes]:
    """The texts of the names that XML or the document itself defines. The first definition counts (XML 1.0, 4.2)."""
    root = ROOT.search(data)
    declared = _DECLARED.findall(data, 0, root.start() if root else 0)
    return {name: text for name, _, text in reversed(declared)} | PREDEFINED


def _mended(text: bytes, defined: Mapping[bytes, bytes]) -> bytes:
    def named(found: re.Match[bytes]) -> bytes:
        return defined[found[1]] if found[1] in defined else _character(found)

    return _NUMBER.sub(_possible, _PAIR.sub(_joined, _NAMED.sub(named, _BARE.sub(b"&amp;", text))))


def _character(reference: re.Match[bytes]) -> bytes:
    """The characters that HTML calls so, or the text as it is written."""
    found = html5.get(f"{reference[1].decode()};")
    return b"&amp;" + reference[0][1:] if found is None else escape(found).encode()


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
