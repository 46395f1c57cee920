"""Typed or pasted names of communities, read without a request."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from connectors.contract import Address
from connectors.timeline.addresses import HOST, MAX_TEXT_LENGTH, origin, split

NAME: Final = re.compile(rf"(?P<name>[A-Za-z0-9_]+)(?:@(?P<host>{HOST}))?")
POST: Final = re.compile(r"/post/(?P<id>[0-9]{1,20})")
"""The path of a post's address on its own server."""


def recognise(network: str, text: str, on: str) -> Address | None:
    """`!name@host`, `!name` with a server, and `https://host/c/name`, on the server `on` if one is given."""
    text, server = text.strip(), origin(on) if on else ""
    if len(text) > MAX_TEXT_LENGTH or (on and not server):
        return None
    home = ""
    if "://" in text:
        parts = split(text)
        home = origin(f"{parts.scheme}://{parts.netloc}") if parts else ""
        path = unquote(parts.path).strip("/") if parts and home else ""
        found = NAME.fullmatch(path.removeprefix("c/")) if path.startswith("c/") else None
    else:
        found = NAME.fullmatch(text[1:]) if text.startswith("!") else None
    if found is None:
        return None
    server = server or home or origin(found["host"] or "")
    host = found["host"] or (home or server).partition("://")[2]
    value = f"{found['name']}@{host}".lower()
    return Address(network=network, kind="community", value=value, server=server) if server else None
