"""Web addresses of links and files, as feeds write them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

_NOT_IN_HOSTS: Final = re.compile(r"[^\w.:\[\]-]")  # a user name before the host is never honest
_BLANK: Final = re.compile(r"[\x00-\x20\x7f]")


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
