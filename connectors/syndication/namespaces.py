"""The prefixes of a feed's namespaces, wherever in the document they are bound."""

from __future__ import annotations

import re
from typing import Final

MEDIA: Final = (b"http://search.yahoo.com/mrss/", b"http://search.yahoo.com/mrss")
PREFIXES_AT_MOST: Final = 8

_BOUND: Final = re.compile(rb"""\sxmlns:([\w.-]{1,40})\s*=\s*["']([^"'<>]{1,100})["']""")


def media_prefixes(data: bytes) -> tuple[bytes, ...]:
    """The prefixes of Media RSS: `media`, bound or not, and all others that the document binds to it."""
    bound = (found[1] for found in _BOUND.finditer(data) if found[2].strip() in MEDIA)
    return tuple(dict.fromkeys([b"media", *bound]))[:PREFIXES_AT_MOST]
