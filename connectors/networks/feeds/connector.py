"""Web feeds: RSS, Atom and JSON Feed, followed by their own address or by that of a page which names one.

Fetching and the cursor live here; what came is read in `reading.py`. A feed has no deletions: what is no longer
in it has aged out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec

from connectors.contract import Address, Connector, Kind, Page, Value
from connectors.errors import Forbidden, InvalidResponse, NotFound, Rejected
from connectors.http.client import Http, Reply
from connectors.networks.feeds.posts import NETWORK, Meaning, Memory
from connectors.networks.feeds.reading import Found, NotAFeed, read_feed
from connectors.sandbox import Collapsed

ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "application/json;q=0.8, text/html;q=0.7, */*;q=0.1"
)
MAX_FEED_BYTES: Final = 5 * 1024 * 1024
MIN_WAIT: Final = 60.0
MAX_WAIT: Final = 3600.0
NOT_MODIFIED: Final = 304
CLOCK_SKEW: Final = timedelta(days=1)
"""How far a server's clock, or an answer from a cache, may be behind us and still date an entry."""
NOT_MODIFIED_TRUST: Final = timedelta(hours=1)
"""For so long a server's word that nothing has changed is taken; then it is asked once without validators."""
AnyFeed: Any = Found | NotAFeed


class Cursor(Value, frozen=True):
    """The cursor: where the feed is, what the server said of its last answer, and what only we can know.

    `url` is the feed that a page led to, empty where the source is the feed itself. `scope` is the feed's first
    address: keys are made of it, so that posts keep theirs when the page names another address on its own host one
    day. It is empty until a feed was found. `digest` is the last answer's, `read_at` when it came.
    """

    url: str = ""
    scope: str = ""
    etag: str = ""
    modified: str = ""
    wait: float | None = None
    memory: Memory = Memory()
    digest: str = ""
    read_at: str = ""


class Feeds(Connector):
    """`clock` tells the time, so that a test can; else the client's does."""

    name = NETWORK
    label = "Web feed"
    kinds = (Kind(name="feed", label="Web feed", example="https://conference.example/news.xml"),)
    min_interval = MIN_WAIT
    quiet_after = 3 * 24 * 3600.0
    last_resort = True

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock

    def recognise(self, text: str, on: str = "") -> Address | None:
        """Any web address, with or without `feed:` before it: whether a feed is there shows at the first poll."""
        typed = re.sub(r"^feed:(?://)?(?=https?://)|^feed://", "", text.strip(), flags=re.IGNORECASE)
        if typed != text.strip() and "://" not in typed:
            typed = f"https://{typed}"
        url = _web_address(typed)
        return Address(network=self.name, kind="feed", value=url) if url and not on else None

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """All entries of the feed if it has changed: an edited entry is the same key with newer content.

        Only a source that has never been a feed is led on by a page: a maintenance page, too, may name another feed.
        """
        place = _recall(cursor)
        is_open = not place.scope
        try:
            reply = await self._visit(http, place.url or source.value, place)
        except NotFound:
            if not place.url:
                raise
            place, is_open = msgspec.structs.replace(place, url="", etag="", modified="", digest=""), True
            reply = await self._visit(http, source.value, place)
        if reply.status == NOT_MODIFIED:
            return Page(cursor=cursor, wait=place.wait)
        if place.digest == _digest(reply.body):  # some servers know no validators
            here = _at(place, reply, self._now(http), place.wait, place.memory)
            return Page(cursor=msgspec.json.encode(here).decode(), wait=place.wait)
        found = await self._read(http, reply, place, source)
        if isinstance(found, NotAFeed):
            if not is_open:
                raise InvalidResponse(f"Not a feed: {reply.url} answers with a web page where its feed was.")
            place = msgspec.structs.replace(place, url=_offered(reply, found), etag="", modified="")
            reply = await self._visit_offered(http, place)
            found = await self._read(http, reply, place, source)
        if isinstance(found, NotAFeed):
            raise InvalidResponse(
                f"Not a feed: {place.url}, which {source.value} names, is not RSS, Atom or JSON Feed."
            )
        return _page(found.meaning, reply, place, source, self._now(http))

    async def _visit_offered(self, http: Http, place: Cursor) -> Reply:
        """Where a page leads: what is gone there may be named anew, and only the source's own address can end it."""
        try:
            return await self._visit(http, place.url, place)
        except NotFound as missing:
            raise NotFound(str(missing)) from missing

    async def _visit(self, http: Http, url: str, place: Cursor) -> Reply:
        """Conditionally, but for once in an hour: some servers answer 304 for ever, whatever has changed."""
        asked = {"If-None-Match": place.etag, "If-Modified-Since": place.modified}
        if self._is_stale(place, self._now(http)):
            asked = {}
        headers = {name: value for name, value in asked.items() if value}
        try:
            return await http.get(url, headers=headers, accept=ACCEPT, limit=MAX_FEED_BYTES)
        except Rejected as denied:
            raise Forbidden(
                f"Access denied ({denied.status}): {httpx.URL(url).host} does not give this feed to programs. "
                "Ask those who run the site, or look for another address of it."
            ) from denied

    def _now(self, http: Http) -> datetime:
        return (self._clock or http.now)()

    @staticmethod
    def _is_stale(place: Cursor, now: datetime) -> bool:
        try:
            return now - datetime.fromisoformat(place.read_at) >= NOT_MODIFIED_TRUST
        except (ValueError, TypeError):
            return False

    async def _read(self, http: Http, reply: Reply, place: Cursor, source: Address) -> Found | NotAFeed:
        """Raises InvalidResponse."""
        ours = {
            "scope": _scope(place, source),
            "moment": _moment(reply, self._now(http)).isoformat(),
            "memory": msgspec.to_builtins(place.memory),
        }
        arguments = (reply.body, reply.url, reply.headers.get("content-type", ""), ours)
        try:
            return await http.sandbox(NETWORK).run(read_feed, *arguments, returns=AnyFeed, raises=InvalidResponse)
        except Collapsed as error:
            raise InvalidResponse(
                f"Unreadable feed: {reply.url} takes too long to read, or breaks what reads it."
            ) from error


def _page(meaning: Meaning, reply: Reply, place: Cursor, source: Address, now: datetime) -> Page:
    wait = None if meaning.wait is None else min(max(meaning.wait, MIN_WAIT), MAX_WAIT)
    place = msgspec.structs.replace(place, scope=_scope(place, source))
    here = _at(place, reply, now, wait, meaning.memory)
    if not meaning.whole:
        here = msgspec.structs.replace(here, etag="", modified="", digest="")
    return Page(posts=meaning.posts, broken=meaning.broken, wait=wait, cursor=msgspec.json.encode(here).decode())


def _at(place: Cursor, reply: Reply, now: datetime, wait: float | None, memory: Memory) -> Cursor:
    return Cursor(
        url=place.url,
        scope=place.scope,
        etag=reply.headers.get("etag", ""),
        modified=reply.headers.get("last-modified", ""),
        wait=wait,
        memory=memory,
        digest=_digest(reply.body),
        read_at=now.replace(microsecond=0).isoformat(),
    )


def _moment(reply: Reply, now: datetime) -> datetime:
    """When the server wrote this answer, by its own word where that is near our own clock; whole seconds."""
    now = now.replace(microsecond=0)
    try:
        said = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return now
    return said.astimezone(UTC) if said.tzinfo and now - CLOCK_SKEW <= said <= now else now


def _scope(place: Cursor, source: Address) -> str:
    """The first address of the feed, also where it moves on the source's own host; else the one that was asked.

    A page cannot give one address of another host the name of a second one there.
    """
    asked = place.url or source.value
    moved = place.scope and _host(place.scope) == _host(asked) == _host(source.value)
    return place.scope if moved else asked


def _host(url: str) -> tuple[str, int | None]:
    """Host and port, of which those of http and https are one: sites move from the one to the other."""
    address = httpx.URL(url)
    return address.host, address.port


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()


def _offered(reply: Reply, page: NotAFeed) -> str:
    if not page.offered:
        raise InvalidResponse(
            f"Not a feed: {reply.url} is none and names none. Look for the address of its RSS, Atom or JSON Feed."
        )
    return page.offered


def _recall(cursor: str) -> Cursor:
    try:
        return msgspec.json.decode(cursor or "{}", type=Cursor)
    except msgspec.DecodeError:
        return Cursor()


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
