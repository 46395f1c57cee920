"""From YouTube's feeds and pages to values, each entry by itself; in the sandbox (`connectors/sandbox.py`)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from connectors.networks.youtube.addresses import NETWORK
from connectors.networks.youtube.posts import to_post
from connectors.syndication.entities import Entry as FeedEntry
from connectors.syndication.reading import read_feed, read_feed_entries
from connectors.timeline.entries import Entry, StrangeEntry

VIDEO: Final = re.compile(r"yt:video:([A-Za-z0-9_-]{6,20})")
_NAMES: Final = (
    re.compile(rb"/feeds/videos\.xml\?channel_id=(UC[A-Za-z0-9_-]{22})"),
    re.compile(rb"<link[^<>]{0,200}canonical[^<>]{0,200}/channel/(UC[A-Za-z0-9_-]{22})"),
    re.compile(rb'"externalId":"(UC[A-Za-z0-9_-]{22})"'),
)
"""Where a channel's page has its id, the most trusted place first: another channel's may stand in it as well."""


def read_videos(  # noqa: PLR0917  arguments pass through the sandbox by their position
    body: bytes, url: str, at: str, start: int, most: int, seconds: float
) -> tuple[int, list[bytes]]:
    """The videos of a feed as Entries (see `read_some`). Raises InvalidResponse."""
    moment = datetime.fromisoformat(at)
    return read_feed_entries(read_feed(body, url), lambda each: _entry(each, moment), start, most, seconds)


def read_channel(body: bytes) -> str:
    """The id of the channel whose page this is; empty if it is another page."""
    found = (pattern.search(body) for pattern in _NAMES)
    return next((match[1].decode() for match in found if match), "")


def _entry(entry: FeedEntry, at: datetime) -> Entry:
    video = VIDEO.fullmatch(entry.id)
    if not video:
        raise StrangeEntry("it is not a video")
    post = to_post(entry, NETWORK, video[1], at)
    return Entry(id=video[1], ref=video[1], key=post.key, post=post)
