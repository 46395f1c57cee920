"""References that feedparser's loose parser leaves as they are, decoded as its strict parser decodes them.

The loose parser decodes only texts that may be HTML. In attributes it decodes `&amp;` once and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.entities import name2codepoint
from typing import Any, Final
from xml.sax.saxutils import unescape

_CDATA: Final = re.compile(rb"(<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_TAG: Final = re.compile(rb"<[A-Za-z][^<>&]*+&[^<>]*+>")
_REFERENCE: Final = re.compile(rb"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
_LINK: Final = re.compile(rb"<(?:[\w.-]+:)?link\b[^<>]*>[^<>&]*+&[^<>]*+(?=</)", re.IGNORECASE)
_CODEPOINTS: Final = {**name2codepoint, "apos": 39}
_AMPERSAND: Final = re.compile(rb"&(?:amp|#38|#[xX]26);")
_IN_LINK: Final = "\ue000"
"""An ampersand in the text of a link, which the loose parser would take for the start of a reference."""
_SPECIAL: Final = {"&": b"amp", "<": b"lt", ">": b"gt", '"': b"quot", "'": b"apos"}
_QUOTES: Final = {"&quot;": '"', "&apos;": "'"}
_TEXTS: Final = ("id", "link", "author", "language", "icon", "logo", "webfeeds_icon")
_PARTS: Final = {
    "author_detail": ("name", "href"),
    "image": ("href",),
    "links": ("href", "type", "rel"),
    "media_content": ("url", "type", "alt"),
    "media_thumbnail": ("url",),
    "tags": ("term",),
}


def prepare(data: bytes) -> bytes:
    """The same markup with its references as the loose parser expects them: in attributes, escaped once more."""
    pieces = _CDATA.split(data)
    pieces[::2] = [_prepared(piece) if b"&" in piece else piece for piece in pieces[::2]]
    return b"".join(pieces)


def _prepared(text: bytes) -> bytes:
    text = _TAG.sub(lambda tag: _REFERENCE.sub(_escaped, tag[0]), text)
    return _LINK.sub(lambda link: _AMPERSAND.sub(_IN_LINK.encode(), link[0]), text)


def _escaped(reference: re.Match[bytes]) -> bytes:
    digits, hexadecimal, name = (group and group.decode() for group in reference.groups())
    value = _CODEPOINTS.get(name) if name else int(digits) if digits else int(hexadecimal or "0", 16)
    try:
        char = chr(value) if value is not None else ""
        return b"&amp;%s;" % _SPECIAL[char] if char in _SPECIAL else char.encode() or reference[0]
    except (ValueError, OverflowError):
        return reference[0]


def decode_fields(found: dict[str, Any]) -> None:
    """Decode in place the references that the loose parser has left in an entry or a feed."""
    _decode(found, _TEXTS)
    for name, fields in _PARTS.items():
        part = found.get(name)
        for each in part if isinstance(part, list) else [part]:
            if isinstance(each, Mapping):
                _decode(each, fields)


def _decode(found: Any, names: tuple[str, ...]) -> None:
    for name in names:
        value = found.get(name)
        if isinstance(value, str):
            found[name] = unescape(value, _QUOTES).replace(_IN_LINK, "&")
