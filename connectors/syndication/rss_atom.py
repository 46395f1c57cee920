"""RSS 0.9x to 2.0, RSS 1.0 and Atom into the shape of `entities.py`, by feedparser.

`limits.py` bounds its input.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import feedparser
from msgspec.structs import replace

from connectors.errors import InvalidResponse
from connectors.syndication.documents import FIRST
from connectors.syndication.entities import (
    ENTRIES_AT_MOST,
    Feed,
)
from connectors.syndication.limits import sanitise_input
from connectors.syndication.outline import is_well_formed
from connectors.syndication.parsed import icon, link_of, single_line, string, to_entry, wait, writer
from connectors.syndication.piecewise import Pieces, numbered, read_piecewise

_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)[\s>/]", re.IGNORECASE)


def decode(body: bytes, url: str, content_type: str = "") -> Feed | None:
    """The feed in `body`, fetched from `url`; None if this is neither RSS nor Atom. Slow for large feeds.

    Raises InvalidResponse if nothing in it can be read.
    """
    data, numbers, lost, whole = sanitise_input(body, content_type)
    first = FIRST.match(data)
    if _ROOT.search(data) is None or (first and first[1].lower() == b"html"):
        return None
    pieces = None if is_well_formed(data) else read_piecewise(data, numbers, _parsed)
    if pieces is None:
        try:
            found = _parsed(data)
        except Exception as error:  # noqa: BLE001  feedparser may raise anything over foreign bytes
            pieces = _rescued(data, url, error, numbers)
        else:
            pieces = _nested(data, numbers, found) or _whole(found, numbers)
    if not ((pieces.feed is not None and pieces.feed.version) or pieces.entries):
        return None
    feed = _feed(pieces, url)
    return replace(feed, broken=(*lost, *feed.broken), whole=whole)


def _parsed(data: bytes) -> Any:
    return feedparser.parse(
        io.BytesIO(data),  # never a bare string: feedparser would open it as a file or an address
        response_headers={
            "content-type": "application/xml; charset=utf-8"
        },  # without a base address, which would change guids
        sanitize_html=False,  # `html.py` makes the HTML safe and resolves the links
        resolve_relative_uris=False,
    )


def _whole(found: Any, numbers: Sequence[int]) -> Pieces:
    return Pieces(found, numbered(found.entries[:ENTRIES_AT_MOST], numbers), _lost(found, numbers))


def _nested(data: bytes, numbers: Sequence[int], found: Any) -> Pieces | None:
    """Each entry by itself, if one holds others: feedparser takes what follows these for the feed's own fields."""
    return read_piecewise(data, numbers, _parsed) if 0 < len(numbers) < len(found.entries) else None


def _rescued(data: bytes, url: str, why: Exception, numbers: Sequence[int]) -> Pieces:
    """Each entry by itself, if feedparser fails at the whole: an unreadable one affects no other."""
    pieces = read_piecewise(data, numbers, _parsed)
    if pieces is None:
        raise InvalidResponse(f"Malformed feed: the response of {url} can't be read as RSS or Atom.") from why
    if pieces.feed is None and not pieces.entries:
        raise InvalidResponse(f"Malformed feed: no entry of {url} can be read.") from why
    return pieces


def _lost(found: Any, numbers: Sequence[int]) -> tuple[str, ...]:
    """A sentence for each entry of a malformed feed that began and was not read.

    An entry that was read all the same is not lost.
    """
    if not found.bozo:
        return ()
    line = getattr(found.get("bozo_exception"), "getLineNumber", lambda: None)()
    where = f" (line {line})" if isinstance(line, int) else ""
    missing = numbers[len(found.entries) : ENTRIES_AT_MOST]
    return tuple(f"Unreadable entry {number}: the feed is not well-formed XML{where}." for number in missing)


def _feed(pieces: Pieces, url: str) -> Feed:
    found: Mapping[str, Any] = {} if pieces.feed is None else dict(pieces.feed.feed)
    read, unread = [], list(pieces.lost)
    for number, entry in pieces.entries[:ENTRIES_AT_MOST]:
        try:
            read.append(to_entry(number, dict(entry), url))
        except Exception:  # noqa: BLE001  a broken entry affects no other
            unread.append(f"Unreadable entry {number}: it holds an invalid value.")
    return Feed(
        url=url,
        title=single_line(found, "title"),
        link=link_of(found),
        icon=icon(found),
        lang=string(found.get("language")),
        author=writer(found),
        entries=tuple(read),
        wait=wait(found),
        broken=tuple(unread),
        is_atom=pieces.feed is not None and str(pieces.feed.version).startswith("atom"),
    )
