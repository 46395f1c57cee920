"""Typed or pasted names of channels, accounts and tags, read without a request."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, unquote

from msgspec.structs import replace

from connectors.contract import Address
from connectors.text.hashtags import read_tag
from connectors.timeline.addresses import HOST, MAX_TEXT_LENGTH, origin, split
from connectors.timeline.addresses import recognise as recognise_any

PAGE: Final = re.compile(
    rf"(?P<kind>c|a|video-channels|accounts)/(?P<name>[A-Za-z0-9_.-]+)(?:@(?P<host>{HOST}))?(?:/[a-z-]+)?"
)
CHANNELS: Final = frozenset({"c", "video-channels"})
SEARCH: Final = "search"
VIDEO: Final = re.compile(r"/(?:videos/watch|w)/(?P<id>[0-9A-Za-z-]{1,60})")
"""The path of a video's address on its own server."""


def recognise(network: str, text: str, on: str) -> Address | None:
    """`#tag` with a server, `@name@host`, and the pages of channels, accounts and tags, on the server `on` if given."""
    found = _from_page(network, text.strip(), origin(on) if on else "") if "://" in text else None
    if found is None:
        return recognise_any(network, text, on)
    return None if on and not origin(on) else found


def _from_page(network: str, text: str, server: str) -> Address | None:
    parts = split(text) if len(text) <= MAX_TEXT_LENGTH else None
    home = origin(f"{parts.scheme}://{parts.netloc}") if parts else ""
    if parts is None or not home:
        return None
    found = Address(network=network, kind="", value="", server=server or home)
    path = unquote(parts.path).strip("/")
    if path == SEARCH:
        tag = read_tag(parse_qs(parts.query).get("tagsOneOf", [""])[0])
        return replace(found, kind="hashtag", value=tag) if tag else None
    page = PAGE.fullmatch(path)
    if page is None:
        return None
    name = f"{page['name']}@{page['host'] or home.partition('://')[2]}".lower()
    return replace(found, kind="channel" if page["kind"] in CHANNELS else "account", value=name)
