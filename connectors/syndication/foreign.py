"""Atom content other than text: XML of another kind, perhaps with entries of its own, or a picture in Base64.

RFC 4287, 4.1.3, allows any media type there. It must not be taken for entries or text.
"""

from __future__ import annotations

import re
from typing import Final

from connectors.syndication.namespaces import media_prefixes
from connectors.syndication.outline import outline

_CONTENT: Final = re.compile(rb"<(/?)((?:[\w.-]+:)?content)(?=[\s>])([^<>]*)>", re.IGNORECASE)
_TYPE: Final = re.compile(rb"""\btype\s*=\s*["']\s*([\w.+-]+/[\w.+-]+)""", re.IGNORECASE)
_WORDS: Final = re.compile(rb"text/(?!xml)|multipart/|[\w.+-]+/[\w.+-]*html", re.IGNORECASE)


def without_foreign_content(data: bytes) -> bytes:
    """The same document with such content empty."""
    if b"content" not in data:
        return data
    media = media_prefixes(data)
    pieces: list[bytes] = []
    at = depth = begun = 0
    for tag in _CONTENT.finditer(outline(data).markup):
        closes, name, rest = bool(tag[1]), tag[2], tag[3]
        if rest.endswith(b"/") or name.rpartition(b":")[0] in media:
            continue
        if depth:
            depth += -1 if closes else 1
            if not depth:
                pieces += [data[at:begun]]
                at = tag.start()
        elif not closes and (kind := _TYPE.search(rest)) and not _WORDS.match(kind[1]):
            depth, begun = 1, tag.end()
    return b"".join([*pieces, data[at:]])
