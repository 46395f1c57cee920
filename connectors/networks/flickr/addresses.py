"""Typed or pasted addresses of tags, people and groups, read without a request."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, unquote

from connectors.contract import Address
from connectors.text.hashtags import read_tag
from connectors.timeline.addresses import MAX_TEXT_LENGTH, split

NETWORK: Final = "flickr"
SITE: Final = "https://www.flickr.com"
HOSTS: Final = frozenset({"flickr.com", "www.flickr.com", "m.flickr.com"})
NSID: Final = re.compile(r"[0-9]{1,12}@N[0-9]{2}")
"""Flickr's own id of a person or a group."""
_NAME: Final = r"[A-Za-z0-9_@-]{2,64}"
_PATH: Final = re.compile(rf"(?P<kind>photos|people|groups)/(?P<name>{_NAME})(?:/(?:pool|with/\d+|page\d+))?")
_TAG: Final = re.compile(r"photos/tags/(?P<tag>[^/]+)")
_OWN: Final = frozenset({"tags", "me", "friends", "upload", "search"})


def recognise(text: str, on: str) -> Address | None:
    """The page of a tag, a person or a group; `#tag` only with Flickr as the server."""
    text = text.strip()
    if len(text) > MAX_TEXT_LENGTH or (on and _host(on) not in HOSTS):
        return None
    if on and text.startswith(("#", "\uff03")):
        return _tag(text)
    parts = split(text if "://" in text else f"https://{text}")
    if parts is None or parts.scheme not in ("http", "https") or parts.hostname not in HOSTS:
        return None
    return _from_path(unquote(parts.path).strip("/"), parse_qs(parts.query))


def _from_path(path: str, asked: dict[str, list[str]]) -> Address | None:
    if path == "search" and "tags" in asked:
        return _tag(asked["tags"][0])
    if tag := _TAG.fullmatch(path):
        return _tag(tag["tag"])
    page = _PATH.fullmatch(path)
    if page is None or page["name"].lower() in _OWN:
        return None
    kind = "group" if page["kind"] == "groups" else "account"
    return Address(network=NETWORK, kind=kind, value=page["name"])


def _tag(text: str) -> Address | None:
    tag = read_tag(text)
    return Address(network=NETWORK, kind="hashtag", value=tag) if tag else None


def _host(server: str) -> str:
    parts = split(server if "://" in server else f"https://{server}")
    return (parts.hostname or "") if parts else ""
