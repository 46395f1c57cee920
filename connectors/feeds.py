"""Web feeds: RSS, Atom and JSON Feed, followed by their own address or by that of a page which names one.

Fetching and the cursor live here; syntax is `_feed_xml.py` and `_feed_json.py`, meaning is `_feed_meaning.py`. A feed
has no deletions: what is no longer in it has aged out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

import msgspec

from connectors import _feed_json, _feed_xml
from connectors._base import Address, Connector, Kind, Missing, Page, Unreadable, Value
from connectors._feed_meaning import NETWORK, read
from connectors._feed_page import discover
from connectors._feed_shape import Feed

if TYPE_CHECKING:
    from connectors._http import Http, Reply

ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "application/json;q=0.8, text/html;q=0.7, */*;q=0.1"
)
LARGEST: Final = 5 * 1024 * 1024
SHORTEST_WAIT: Final = 60.0
LONGEST_WAIT: Final = 3600.0
NOT_MODIFIED: Final = 304


class Place(Value, frozen=True):
    """The cursor: where the feed is, what the server said of its last answer, and dates that only we can know.

    `url` is the feed that a page led to, empty where the source is the feed itself. `scope` is the feed's first
    address: keys are made of it, so that posts keep theirs when the page names another address one day.
    """

    url: str = ""
    scope: str = ""
    etag: str = ""
    modified: str = ""
    wait: float | None = None
    seen: dict[str, str] = msgspec.field(default_factory=dict)


def _now() -> datetime:
    return datetime.now(UTC)


class Feeds(Connector):
    """`clock` tells the time, so that a test can."""

    name = NETWORK
    label = "Web feed"
    kinds = (Kind(name="feed", label="Web feed", example="https://conference.example/news.xml"),)
    min_interval = SHORTEST_WAIT
    quiet_after = 3 * 24 * 3600.0
    last_resort = True

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock

    def recognise(self, text: str, on: str = "") -> Address | None:
        """Any web address, with or without `feed:` before it: whether a feed is there shows at the first poll."""
        typed = re.sub(r"^feed:(?://)?(?=https?://)|^feed://", "", text.strip(), flags=re.IGNORECASE)
        if typed != text.strip() and "://" not in typed:
            typed = f"https://{typed}"
        url = _web_address(typed)
        return Address(network=self.name, kind="feed", value=url) if url and not on else None

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """All entries of the feed if it has changed: an edited entry is the same key with newer content."""
        place = _recall(cursor)
        try:
            reply = await _visit(http, place.url or source.value, place)
        except Missing:
            if not place.url:
                raise
            place = msgspec.structs.replace(place, url="", etag="", modified="")  # the page may name a new one
            reply = await _visit(http, source.value, place)
        if reply.status == NOT_MODIFIED:
            return Page(cursor=cursor, wait=place.wait)
        feed = await asyncio.to_thread(_decode, reply)
        if feed is None:
            place = msgspec.structs.replace(place, url=_offered(reply), etag="", modified="")
            reply = await _visit(http, place.url, place)
            feed = await asyncio.to_thread(_decode, reply)
        if feed is None:
            raise Unreadable(f"{place.url}, which {source.value} names as its feed, is no RSS, Atom or JSON Feed.")
        return await asyncio.to_thread(self._page, feed, reply, place, source)

    def _page(self, feed: Feed, reply: Reply, place: Place, source: Address) -> Page:
        scope = place.scope or place.url or source.value
        meaning = read(feed, scope=scope, moment=self._moment(reply), seen=place.seen)
        wait = None if feed.wait is None else min(max(feed.wait, SHORTEST_WAIT), LONGEST_WAIT)
        here = Place(
            url=place.url,
            scope=scope,
            etag=reply.headers.get("etag", ""),
            modified=reply.headers.get("last-modified", ""),
            wait=wait,
            seen=meaning.seen,
        )
        return Page(posts=meaning.posts, broken=meaning.broken, wait=wait, cursor=msgspec.json.encode(here).decode())

    def _moment(self, reply: Reply) -> datetime:
        """When the server wrote this answer, by its own word unless that is still to come; whole seconds."""
        now = self._clock().replace(microsecond=0)
        try:
            said = parsedate_to_datetime(reply.headers.get("date", ""))
        except ValueError:
            return now
        return min(said.astimezone(UTC), now) if said.tzinfo else now


async def _visit(http: Http, url: str, place: Place) -> Reply:
    asked = {"If-None-Match": place.etag, "If-Modified-Since": place.modified}
    headers = {name: value for name, value in asked.items() if value}
    return await http.get(url, headers=headers, accept=ACCEPT, limit=LARGEST)


def _decode(reply: Reply) -> Feed | None:
    """The feed in a reply, or None where it holds something else. Raises Unreadable."""
    if not reply.body.strip():
        raise Unreadable(f"{reply.url} answers with nothing at all where a feed should be.")
    if _feed_json.looks_like_json(reply.body):
        return _feed_json.decode(reply.body, reply.url)
    return _feed_xml.decode(reply.body, reply.url, reply.headers.get("content-type", ""))


def _offered(reply: Reply) -> str:
    there = discover(reply.text, reply.url)
    if not there:
        raise Unreadable(f"{reply.url} is no feed and names none: look for the address of its RSS, Atom or JSON Feed.")
    return there


def _recall(cursor: str) -> Place:
    try:
        return msgspec.json.decode(cursor or "{}", type=Place)
    except msgspec.DecodeError:
        return Place()


def _web_address(text: str) -> str:
    """The address with scheme and host in lower case and without fragment, or nothing."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        is_web = parts.scheme in ("http", "https") and "." in host + "." and parts.port != 0
    except ValueError:
        return ""
    if not is_web or not host or parts.username is not None or re.search(r"\s", text):
        return ""
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))
