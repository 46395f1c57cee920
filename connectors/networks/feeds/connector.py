"""Web feeds: RSS, Atom and JSON Feed, followed by their own address or by that of a page that names one.

This module fetches and keeps the cursor; `reading.py` parses. A feed has no deletions: an entry that disappears has
aged out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import httpx
import msgspec

from connectors.contract import Address, Connector, Kind, Page
from connectors.errors import (
    ConnectorError,
    Forbidden,
    InvalidResponse,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.http.client import Http, Reply
from connectors.networks.feeds.addresses import feed_address
from connectors.networks.feeds.cursor import (
    Cursor,
    digest_of,
    position_after,
    read_cursor,
    scope_of,
    write_cursor,
    written_at,
)
from connectors.networks.feeds.posts import NETWORK, Meaning
from connectors.networks.feeds.reading import Found, NotAFeed, read_feed
from connectors.sandbox import SandboxCrashed

ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "application/json;q=0.8, text/html;q=0.7, */*;q=0.1"
)
MAX_FEED_BYTES: Final = 5 * 1024 * 1024
MIN_WAIT: Final = 60.0  # seconds
MAX_WAIT: Final = 3600.0  # seconds
NOT_MODIFIED: Final = 304
AnyFeed: Any = Found | NotAFeed


class Feeds(Connector):
    """Web feeds by polling. `clock` replaces the client's clock, for tests."""

    name = NETWORK
    label = "Web feed"
    kinds = (Kind(name="feed", label="Web feed", example="https://conference.example/news.xml"),)
    min_interval = MIN_WAIT
    quiet_after = 3 * 24 * 3600.0
    last_resort = True

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock

    def recognise(self, text: str, on: str = "") -> Address | None:
        """Any web address, with or without `feed:` before it: the first poll shows whether it is a feed."""
        url = feed_address(text)
        return Address(network=self.name, kind="feed", value=url) if url and not on else None

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """All entries of the feed if it has changed: an edited entry is the same key with newer content.

        Where a page has led to another address, the source's own is asked again once in an hour: it may have been a
        maintenance page.
        """
        page = await self._follow(http, source, read_cursor(cursor))
        position, now = read_cursor(page.cursor), self._now(http)
        if not position.is_own_due(now):
            return page
        position = msgspec.structs.replace(position, own_at=now.isoformat())
        own = await self._own_feed(http, position, source)
        if own is None or not own.posts:
            return msgspec.structs.replace(page, cursor=write_cursor(position))
        return msgspec.structs.replace(own, posts=(*page.posts, *own.posts), broken=(*page.broken, *own.broken))

    async def _follow(self, http: Http, source: Address, position: Cursor) -> Page:
        """Poll the feed at its last address, or again from the source's own where that is gone, or dead for an hour.

        A page leads on only from a source that has never been a feed: a maintenance page, too, may name another feed.
        """
        is_open = not position.scope
        try:
            reply = await self._visit(http, position.url or source.value, position)
        except (NotFound, Unavailable) as error:
            if not position.url or not (isinstance(error, NotFound) or position.is_own_due(self._now(http))):
                raise
            position, is_open = msgspec.structs.replace(position, url="", etag="", modified="", digest=""), True
            reply = await self._visit(http, source.value, position)
        if reply.status == NOT_MODIFIED:
            return Page(cursor=write_cursor(position), wait=position.wait)
        if position.digest == digest_of(reply.body):  # some servers have no validators
            here = position_after(position, reply, self._now(http), position.wait, position.memory)
            return Page(cursor=write_cursor(here), wait=position.wait)
        found = await self._read(http, reply, position, source)
        if isinstance(found, NotAFeed):
            if not is_open:
                raise InvalidResponse(f"Not a feed: {reply.url} answers with {found.kind} now.")
            return await self._first_feed(http, reply.url, found, position, source)
        return _page(found.meaning, reply, position, source, self._now(http))

    async def _first_feed(self, http: Http, page: str, other: NotAFeed, position: Cursor, source: Address) -> Page:
        """The first of the feeds that a page names. If none can be read, the first one's error is raised.

        One that is only unavailable for now is waited for.
        """
        errors: list[ConnectorError] = []
        for url in other.offered:
            there = msgspec.structs.replace(position, url=url, etag="", modified="", own_at="")
            try:
                reply = await self._visit_offered(http, there)
                found = await self._read(http, reply, there, source)
            except ConnectorError as error:
                errors.append(error)
                if isinstance(error, Unavailable | RateLimited):
                    break
                continue
            if isinstance(found, Found):
                return _page(found.meaning, reply, there, source, self._now(http))
            errors.append(
                InvalidResponse(f"Not a feed: {url}, which {source.value} names, is not RSS, Atom or JSON Feed.")
            )
        raise (
            errors[0]
            if errors
            else InvalidResponse(
                f"Not a feed: {page} answers with {other.kind}, which doesn't link to one. "
                "Look for the address of its RSS, Atom or JSON Feed."
            )
        )

    async def _own_feed(self, http: Http, position: Cursor, source: Address) -> Page | None:
        """The feed at the source's own address, where there was a page before; None if there is none."""
        own = msgspec.structs.replace(position, url="", etag="", modified="", digest="")
        try:
            reply = await self._visit(http, source.value, own, hurried=True)
            found = await self._read(http, reply, own, source)
        except ConnectorError:
            return None
        return None if isinstance(found, NotAFeed) else _page(found.meaning, reply, own, source, self._now(http))

    async def _visit_offered(self, http: Http, position: Cursor) -> Reply:
        """Fetch the feed that a page names. It is never gone for the source: the page may name another one later."""
        try:
            return await self._visit(http, position.url, position)
        except NotFound as missing:
            raise NotFound(str(missing)) from missing

    async def _visit(self, http: Http, url: str, position: Cursor, *, hurried: bool = False) -> Reply:
        """Fetch conditionally, except once in an hour: some servers answer 304 forever, whatever has changed."""
        asked = {"If-None-Match": position.etag, "If-Modified-Since": position.modified}
        if position.is_stale(self._now(http)):
            asked = {}
        headers = {name: value for name, value in asked.items() if value}
        try:
            return await http.get(url, headers=headers, accept=ACCEPT, limit=MAX_FEED_BYTES, hurried=hurried)
        except Rejected as denied:
            raise Forbidden(
                f"Access denied ({denied.status}): {httpx.URL(url).host} blocks programs from this feed. "
                "Ask the site's operator, or look for another address of the feed."
            ) from denied

    def _now(self, http: Http) -> datetime:
        return (self._clock or http.now)()

    async def _read(self, http: Http, reply: Reply, position: Cursor, source: Address) -> Found | NotAFeed:
        """Parse a response in the sandbox. Raises InvalidResponse."""
        ours = {
            "scope": scope_of(position, source),
            "moment": written_at(reply, self._now(http)).isoformat(),
            "memory": msgspec.to_builtins(position.memory),
        }
        arguments = (reply.body, reply.url, reply.headers.get("content-type", ""), ours)
        try:
            return await http.sandbox(NETWORK).run(read_feed, *arguments, returns=AnyFeed, raises=InvalidResponse)
        except SandboxCrashed as error:
            raise InvalidResponse(
                f"Unreadable feed: {reply.url} takes too long to parse, or crashes the parser."
            ) from error


def _page(meaning: Meaning, reply: Reply, position: Cursor, source: Address, now: datetime) -> Page:
    wait = None if meaning.wait is None else min(max(meaning.wait, MIN_WAIT), MAX_WAIT)
    position = msgspec.structs.replace(position, scope=scope_of(position, source))
    here = position_after(position, reply, now, wait, meaning.memory)
    if not meaning.whole:
        here = msgspec.structs.replace(here, etag="", modified="", digest="")
    return Page(posts=meaning.posts, broken=meaning.broken, wait=wait, cursor=write_cursor(here))
