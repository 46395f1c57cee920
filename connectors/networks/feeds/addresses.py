"""Web addresses: of feeds as people write them, and of links and files as feeds write them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

_NOT_IN_HOSTS: Final = re.compile(r"[^\w.:\[\]-]")  # a user name before the host is never honest
_BLANK: Final = re.compile(r"[\x00-\x20\x7f]")


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


def web_address(url: str, base: str) -> str:
    """The absolute web address that a feed's value means, or empty. Line ends and spaces are read as browsers do."""
    said = "".join(map(str.strip, url.replace("\t", "").splitlines())).replace(" ", "%20")
    try:
        address = urljoin(base, said) if said else ""
        parts = urlsplit(address)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    return address if is_web and not _NOT_IN_HOSTS.search(parts.netloc) and not _BLANK.search(address) else ""
