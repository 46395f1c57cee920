"""What a request may be sent to, and what its headers can carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx

from connectors.errors import Forbidden

SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers that stay with the origin for which they were meant."""
WEB: Final = ("http", "https")


def web_address(url: str | httpx.URL, schemes: tuple[str, str] = WEB) -> httpx.URL:
    """The address without its fragment. Raises Forbidden for what is not one, or carries a password."""
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise Forbidden(f"Invalid URL: “{str(url)[:200]}” is not a web address.") from error
    if address.scheme not in schemes or not address.host or not _is_port(address.port):
        raise Forbidden(
            f"Invalid URL: “{str(url)[:200]}” is not a web address. It should begin with {schemes[0]}:// or {schemes[1]}://."
        )
    if address.userinfo:
        raise Forbidden(
            f"Credentials in the URL: remove the user name and password from the address on {address.host}."
        )
    return address.copy_with(fragment=None)


def _is_port(port: int | None) -> bool:
    return port is None or 0 < port <= 65_535  # noqa: PLR2004 - what TCP can count to


def sendable(headers: Mapping[str, str]) -> dict[str, str]:
    """Keep what a header can carry (RFC 9110, 5.5). Raises Forbidden for a credential that it cannot."""
    kept = {}
    for name, value in headers.items():
        if value.isascii() and value.isprintable() and value == value.strip():
            kept[name] = value
        elif name.lower() in SECRET_HEADERS:
            raise Forbidden("Invalid access token: it contains spaces, line ends or non-ASCII letters. Enter it again.")
    return kept
