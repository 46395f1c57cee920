"""RSS and Atom in UTF-8, whatever their encoding, and whatever they declare."""

from __future__ import annotations

import re
from typing import Final

from feedparser.encodings import convert_to_utf8

from connectors.syndication.broken_bytes import mend_bytes

DECLARED_AT_MOST: Final = 200
"""Bytes searched for a declaration."""

_DECLARED: Final = re.compile(rb"""(<\?xml[^>]{0,150}?\sencoding\s*=\s*["'])([\w.:-]{1,40})(?=["'])""")
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_WIDE: Final = re.compile(r"utf[-_]?(?:16|32)|u(?:cs|16|32)|csucs|csunicode|iso-10646-ucs", re.IGNORECASE)
"""Encodings in which every other byte of markup is NUL."""
_SEVERAL_BYTES: Final = re.compile(r"gb|hz|big5|euc|shift|sjis|cp9|ms9|iso-2022|ks_c|johab|utf-?7", re.IGNORECASE)
"""Encodings in which a short text may be valid UTF-8 by chance."""


def to_utf8(body: bytes, content_type: str = "") -> bytes:
    """The same document in UTF-8. If its declared encoding is wrong, feedparser has chardet guess.

    Text that is valid UTF-8 and not ASCII is UTF-8, whatever it declares: no other text is so by chance.
    """
    declared = _DECLARED.match(body.removeprefix(b"\xef\xbb\xbf")[:DECLARED_AT_MOST])
    said = declared[2].decode() if declared else ""
    charset = _CHARSET.search(content_type)
    if b"\0" not in body[:DECLARED_AT_MOST]:  # no wide encoding is meant
        if _WIDE.match(said):
            body, said = _DECLARED.sub(rb"\1utf-8", body, count=1), ""
        if charset and _WIDE.match(charset[1]):
            content_type, charset = "", None
    has_several_bytes = any(name and _SEVERAL_BYTES.match(name) for name in (said, charset and charset[1]))
    declares_utf8 = (said or (charset[1] if charset else "")).lower() in ("", "utf-8", "utf8")
    if said.lower() in ("utf-8", "utf8") or not has_several_bytes:
        body = mend_bytes(body, declares_utf8=declares_utf8)
    if not has_several_bytes and _is_utf8(body):
        content_type = "application/xml; charset=utf-8"
    utf8: bytes = convert_to_utf8({"content-type": content_type} if content_type else {}, body, {"bozo": False})
    return utf8


def _is_utf8(body: bytes) -> bool:
    try:
        return b"\0" not in body and not body.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False
