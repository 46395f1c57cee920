"""An account's server by WebFinger (RFC 7033): `@ada@example.org` may have her Mastodon on `social.example.org`."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from connectors.errors import Forbidden, InvalidResponse, NotFound
from connectors.http.client import Http
from connectors.text.lenient_json import MAX_SMALL
from connectors.timeline.addresses import origin

ACTOR: Final = ("application/activity+json", "application/ld+json")


async def home(http: Http, asked: str, acct: str) -> str:
    """The origin of the server of `acct`, according to the server at the origin `asked`; empty if it doesn't know.

    Raises RateLimited and Unavailable.
    """
    url = f"{asked}/.well-known/webfinger"
    try:
        reply = await http.get(
            url, params={"resource": f"acct:{acct}"}, accept="application/jrd+json, application/json", limit=MAX_SMALL
        )
        found = reply.json()
    except (NotFound, Forbidden, InvalidResponse):
        return ""
    links = found.get("links") if isinstance(found, dict) else None
    return next(filter(None, map(_home, links)), "") if isinstance(links, list) else ""


def _home(link: Any) -> str:
    """The origin of the actor that this link leads to; empty if it leads to none."""
    if not isinstance(link, dict) or link.get("rel") != "self" or not str(link.get("type")).startswith(ACTOR):
        return ""
    try:
        parts = urlsplit(str(link.get("href")))
    except ValueError:
        return ""
    return origin(f"{parts.scheme}://{parts.netloc}")
