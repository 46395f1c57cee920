"""The origin of a post or author: the server named in the address that is its key. Pure."""

from __future__ import annotations

import httpx


def host_of_key(key: str) -> str:
    """Host and port of an address, equal for all its spellings; empty if it has none.

    A host is written in letters or in Punycode (RFC 5891), and a port may be left out if it is the scheme's default.
    """
    try:
        address = httpx.URL(key)
        host = address.raw_host.decode("ascii").lower().removesuffix(".")
    except (httpx.InvalidURL, ValueError, TypeError):
        return ""
    if not host or "%" in host or address.userinfo or address.scheme not in ("http", "https"):
        return ""
    return host if address.port is None else f"{host}:{address.port}"


def is_at(origin: str, key: str) -> bool:
    """Whether the server at `origin` is the origin of the post with this key."""
    host = host_of_key(key)
    return bool(host) and host == host_of_key(origin)
