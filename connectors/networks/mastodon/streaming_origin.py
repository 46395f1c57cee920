"""Where a server streams: the address that it names in its description, else its own."""

from __future__ import annotations

from typing import Final

import httpx

from connectors.errors import Forbidden, InvalidResponse, NotFound
from connectors.networks.mastodon.client import Server

NAMED: Final = (
    ("/api/v2/instance", "configuration.urls.streaming"),
    ("/api/v1/instance", "urls.streaming_api"),
)
"""The paths of a server's description, and where its streaming address stands in each."""
SCHEMES: Final = {"http": "ws", "https": "wss"}


async def streaming_origin(server: Server) -> httpx.URL:
    """`wss://streaming.mastodon.example`. Raises RateLimited and Unavailable.

    A token goes there, as the server wishes; but never unencrypted if the server itself is encrypted.
    """
    own = httpx.URL(server.origin)
    own = own.copy_with(scheme=SCHEMES[own.scheme], raw_path=b"/")
    for path, name in NAMED:
        try:
            found = (await server.facts(path, name)).get(name)
        except (NotFound, Forbidden, InvalidResponse):
            continue
        if isinstance(found, str) and (there := _usable(found, own)):
            return there
    return own


def _usable(named: str, own: httpx.URL) -> httpx.URL | None:
    try:
        there = httpx.URL(named)
    except httpx.InvalidURL:
        return None
    scheme = SCHEMES.get(there.scheme, there.scheme)
    if not there.host or there.userinfo or scheme not in (own.scheme, "wss"):
        return None
    return there.copy_with(scheme=scheme, raw_path=b"/")
