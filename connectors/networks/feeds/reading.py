"""From a response to Posts or to the address of a feed, in the sandbox (`connectors/sandbox.py`). Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from connectors.errors import InvalidResponse
from connectors.networks.feeds.discovery import discover
from connectors.networks.feeds.memory import Memory
from connectors.networks.feeds.posts import Meaning, read
from connectors.syndication import json_feed, rss_atom
from connectors.syndication.documents import kind_of


class NotAFeed(msgspec.Struct, frozen=True, tag=True):
    """Another document and its kind, with an article; `offered` are the feeds that it links to, if it is a page."""

    offered: tuple[str, ...]
    kind: str


class Found(msgspec.Struct, frozen=True, tag=True):
    meaning: Meaning


def read_feed(body: bytes, url: str, content_type: str, ours: dict[str, Any]) -> Found | NotAFeed:
    """The feed's posts. `ours` are the poll's `scope`, `moment` and `memory`. Raises InvalidResponse."""
    try:
        return _read(body, url, content_type, ours)
    except InvalidResponse:
        raise
    except Exception as error:
        raise InvalidResponse(f"Malformed feed: the response of {url} can't be read.") from error


def _read(body: bytes, url: str, content_type: str, ours: dict[str, Any]) -> Found | NotAFeed:
    if not body.strip():
        raise InvalidResponse(f"Empty response: {url} answers with no feed at all.")
    feed = json_feed.decode(body, url) if json_feed.looks_like_json(body) else rss_atom.decode(body, url, content_type)
    if feed is None:
        return NotAFeed(discover(body.decode("utf-8", "replace"), url), kind_of(body))
    at, memory = datetime.fromisoformat(ours["moment"]), msgspec.convert(ours["memory"], Memory)
    return Found(read(feed, scope=ours["scope"], moment=at, memory=memory))
