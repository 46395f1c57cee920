"""The ends of an entry's short elements, put in where they are missing: else a title would swallow all that follows."""

from __future__ import annotations

import re
from typing import Final

_SHORT: Final = re.compile(rb"<(title|guid|id|link|pubDate|published|updated)(?:\s[^<>]*)?(?<!/)>\s*+")
_SIBLING: Final = re.compile(
    rb"</?(?:title|link|guid|id|description|summary|content|pubDate|published|updated|author|category|enclosure"
    rb"|comments|source|item|entry|[\w.-]+:[\w.-]+)(?=[\s/>])"
)
_SECTION: Final = b"<![CDATA["


def with_ends(entry: bytes) -> bytes:
    """The same entry; an element of plain text that it never ends, ends before the next element of the entry."""
    names = [name for name in {found[1] for found in _SHORT.finditer(entry)} if b"</%s" % name not in entry]
    for name in names:
        begun = next((found for found in _SHORT.finditer(entry) if found[1] == name), None)
        end = _end(entry, begun.end()) if begun else 0
        if end:
            entry = b"%s</%s>%s" % (entry[:end], name, entry[end:])
    return entry


def _end(entry: bytes, start: int) -> int:
    """Where the next element begins, or the entry ends; 0 if a section never ends."""
    if entry.startswith(_SECTION, start):
        start = entry.find(b"]]>", start)
        if start < 0:
            return 0
    following = _SIBLING.search(entry, start)
    return following.start() if following else 0
