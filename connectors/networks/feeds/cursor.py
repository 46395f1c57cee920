"""The position in a feed that is stored between two polls: its address, its validators, and the memory of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Final

import httpx
import msgspec

from connectors.contract import Address, Value
from connectors.http.client import Reply
from connectors.http.not_modified import is_trusted, is_within
from connectors.networks.feeds.memory import Memory

CLOCK_SKEW: Final = timedelta(days=1)
"""How far a server's clock, or a cached response, may lag behind and still date an entry."""
OWN_INTERVAL: Final = timedelta(hours=1)
"""How long a feed that a page names is followed until the page's own address is asked again."""
DIGEST_SIZE: Final = 16
"""Bytes."""
MAX_SCOPE: Final = 1_500
"""Characters of a feed's address in the keys of its posts."""


class Cursor(Value, frozen=True):
    """The position in a feed: its address, its validators, and the memory of earlier readings.

    `url` is the feed that a page led to, empty if the source is the feed itself. `scope` is the feed's first address:
    it is part of the keys, so that posts keep them if the page names another address on its own host. It is empty until
    a feed was found. `digest` is that of the last response, `read_at` its time. `own_at` is when the source's own
    address was last asked, if a page was found there.
    """

    url: str = ""
    scope: str = ""
    etag: str = ""
    modified: str = ""
    wait: float | None = None
    memory: Memory = Memory()
    digest: str = ""
    read_at: str = ""
    own_at: str = ""

    def is_stale(self, now: datetime) -> bool:
        """Whether a 304 is not to be trusted any more, or the clock was set back since."""
        return bool(self.read_at) and not is_trusted(self.read_at, now)

    def is_own_due(self, now: datetime) -> bool:
        """Whether to look if the source's own address, where there was a page, is a feed by now."""
        return bool(self.url and self.own_at) and not is_within(OWN_INTERVAL, self.own_at, now)


def position_after(position: Cursor, reply: Reply, now: datetime, wait: float | None, memory: Memory) -> Cursor:
    at = now.replace(microsecond=0).isoformat()
    return Cursor(
        url=position.url,
        scope=position.scope,
        etag=reply.headers.get("etag", ""),
        modified=reply.headers.get("last-modified", ""),
        wait=wait,
        memory=memory,
        digest=digest_of(reply.body),
        read_at=at,
        own_at=(position.own_at or at) if position.url else "",
    )


def written_at(reply: Reply, now: datetime) -> datetime:
    """When the server wrote this response, by its own date if that is near our clock; whole seconds."""
    now = now.replace(microsecond=0)
    try:
        said = parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):  # an offset beyond all hours
        return now
    return said.astimezone(UTC) if said.tzinfo and now - CLOCK_SKEW <= said <= now else now


def scope_of(position: Cursor, source: Address) -> str:
    """The first address of the feed, even if it moves on the source's own host; else the requested one.

    A page can't give an address on another host the scope of a second one there.
    """
    asked = position.url or source.value
    moved = position.scope and _host(position.scope) == _host(asked) == _host(source.value)
    return position.scope if moved else _shortened(asked)


def _shortened(url: str) -> str:
    """The address; the end of one that would leave no room in a key for an entry's own id is replaced by a digest."""
    if len(url) <= MAX_SCOPE:
        return url
    return f"{url[: MAX_SCOPE - 2 * DIGEST_SIZE]}{digest_of(url.encode())}"


def _host(url: str) -> tuple[str, int | None]:
    """Host and port; those of http and https are equal, since sites move from one to the other."""
    address = httpx.URL(url)
    return address.host, address.port


def digest_of(body: bytes) -> str:
    return blake2b(body, digest_size=DIGEST_SIZE).hexdigest()


def read_cursor(cursor: str) -> Cursor:
    try:
        return msgspec.json.decode(cursor or "{}", type=Cursor)
    except msgspec.DecodeError:
        return Cursor()


def write_cursor(position: Cursor) -> str:
    return msgspec.json.encode(position).decode()
