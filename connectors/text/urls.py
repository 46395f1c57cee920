"""Web addresses in strangers' data."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from connectors.text.hosts import is_ambiguous
from connectors.text.structure import LINK_LENGTH


def web(url: Any) -> str:
    """The URL if it is a web address of bounded length, else empty: servers pass on `javascript:` unchanged."""
    if not isinstance(url, str) or not url[:8].lower().startswith(("https://", "http://")):
        return ""
    if len(url) > LINK_LENGTH or is_ambiguous(url) or re.search(r"[\s\x00-\x1f]", url):
        return ""
    try:
        parts = urlsplit(url)
        is_sound = bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets, letters that are invalid in a host, or a port beyond the last
        return ""
    return url if is_sound else ""
