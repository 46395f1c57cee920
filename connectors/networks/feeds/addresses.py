"""Web addresses of feeds, as people write them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit


def feed_address(text: str) -> str:
    """The web address that is meant, with or without `feed:` before it; empty if it is none."""
    typed = re.sub(r"^feed:(?://)?(?=https?://)|^feed://", "", text.strip(), flags=re.IGNORECASE)
    if typed != text.strip() and "://" not in typed:
        typed = f"https://{typed}"
    return _normalised(typed)


def _normalised(text: str) -> str:
    """The address with scheme and host in lower case and without fragment, or empty."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        is_web = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return ""
    if not is_web or not host or parts.username is not None or re.search(r"\s", text):
        return ""
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))
