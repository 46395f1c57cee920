"""A feed or a page as it came becomes Posts or an address, apart from the wall (`connectors/sandbox.py`). Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from connectors.errors import InvalidResponse
from connectors.networks.feeds import json_feed, rss_atom
from connectors.networks.feeds.discovery import discover
from connectors.networks.feeds.posts import Meaning, Memory, read


class NotAFeed(msgspec.Struct, frozen=True, tag=True):
    """Something else; `offered` is the feed that it names, if it is a page that names one."""

    offered: str


class Found(msgspec.Struct, frozen=True, tag=True):
    meaning: Meaning


def read_feed(body: bytes, url: str, content_type: str, ours: dict[str, Any]) -> Found | NotAFeed:
    """What the body says. `ours` is what a poll knows: `scope`, `moment` and `memory`. Raises InvalidResponse."""
    try:
        return _read(body, url, content_type, ours)
    except InvalidResponse:
        raise
    except Exception as error:
        raise InvalidResponse(f"Malformed feed: what {url} answers with cannot be read.") from error


def _read(body: bytes, url: str, content_type: str, ours: dict[str, Any]) -> Found | NotAFeed:
    if not body.strip():
        raise InvalidResponse(f"Empty reply: {url} answers with nothing at all where a feed should be.")
    feed = json_feed.decode(body, url) if json_feed.looks_like_json(body) else rss_atom.decode(body, url, content_type)
    if feed is None:
        return NotAFeed(discover(body.decode("utf-8", "replace"), url))
    at, memory = datetime.fromisoformat(ours["moment"]), msgspec.convert(ours["memory"], Memory)
    return Found(read(feed, scope=ours["scope"], moment=at, memory=memory))
