"""A feed's entries as those of a timeline, each read by itself; in the sandbox (`connectors/sandbox.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from connectors.contract.fields import MAX_ID_LENGTH
from connectors.errors import InvalidResponse
from connectors.syndication import rss_atom
from connectors.syndication.entities import Entry as FeedEntry
from connectors.syndication.entities import Feed
from connectors.timeline.entries import Entry, read_some


def read_feed(body: bytes, url: str) -> Feed:
    """The RSS or Atom feed in `body`, fetched from `url`. Raises InvalidResponse."""
    try:
        feed = rss_atom.decode(body, url)
    except InvalidResponse:
        raise
    except Exception as error:
        raise InvalidResponse(f"Malformed feed: the response of {url} can't be read.") from error
    if feed is None:
        raise InvalidResponse(f"Not a feed: the response of {url} is neither RSS nor Atom.")
    return feed


def read_feed_entries(
    feed: Feed, read_one: Callable[[FeedEntry], Entry], start: int, most: int, seconds: float
) -> tuple[int, list[bytes]]:
    """The feed's entries as Entries (see `read_some`), and one for each that was lost with the document.

    An entry without an author is by the feed's.
    """
    lost = [Entry(id="", broken=sentence) for sentence in feed.broken]
    signed = [each if each.author.name else replace(each, author=feed.author) for each in feed.entries]
    return read_some(
        [*signed, *lost],
        lambda each: each if isinstance(each, Entry) else read_one(each),
        start,
        most,
        seconds,
        name=_id,
    )


def _id(entry: Any) -> str:
    id_ = entry.id
    return id_ if len(id_) <= MAX_ID_LENGTH and id_.isprintable() and " " not in id_ else ""
