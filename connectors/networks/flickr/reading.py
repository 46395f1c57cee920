"""From Flickr's feeds and pages to values, each entry by itself; in the sandbox (`connectors/sandbox.py`)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from connectors.networks.flickr.posts import to_post
from connectors.syndication.entities import Entry as FeedEntry
from connectors.syndication.reading import read_feed, read_feed_entries
from connectors.timeline.entries import Entry, StrangeEntry

PHOTO: Final = re.compile(r"https://www\.flickr\.com/photos/([^/\s]{1,64})/([0-9]{1,20})(?:/.{0,200})?")
_NSID: Final = re.compile(rb"/services/feeds/(photos_public|groups_pool)\.gne\?id=([0-9]{1,12})(?:@|%40)(N[0-9]{2})")


def read_photos(  # noqa: PLR0917  arguments pass through the sandbox by their position
    body: bytes, url: str, at: str, start: int, most: int, seconds: float
) -> tuple[int, list[bytes]]:
    """The photos of a feed as Entries (see `read_some`). Raises InvalidResponse."""
    moment = datetime.fromisoformat(at)
    return read_feed_entries(read_feed(body, url), lambda each: _entry(each, moment), start, most, seconds)


def read_nsid(body: bytes, feed: str) -> str:
    """The id in the feed of this kind that a person's or group's page names; empty if it names none."""
    found = (match for match in _NSID.finditer(body) if match[1].decode() == feed)
    return next((f"{match[2].decode()}@{match[3].decode()}" for match in found), "")


def _entry(entry: FeedEntry, at: datetime) -> Entry:
    photo = PHOTO.fullmatch(entry.link)
    if not photo:
        raise StrangeEntry("it is not a photo")
    owner, id_ = photo.groups()
    post = to_post(entry, owner, id_, at)
    return Entry(id=id_, ref=id_, key=post.key, post=post)
