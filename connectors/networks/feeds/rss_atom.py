"""RSS 0.9x to 2.0, RSS 1.0 and Atom into the shape of `entities.py`, by feedparser.

`limits.py` bounds its input.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import feedparser
from msgspec.structs import replace

from connectors.errors import InvalidResponse
from connectors.networks.feeds.attachments import web_address
from connectors.networks.feeds.dates import moment_or_guess
from connectors.networks.feeds.entities import (
    ENTRIES_AT_MOST,
    Enclosure,
    Entry,
    Feed,
    Words,
    Writer,
    line,
    line_of,
    pixels,
    words,
)
from connectors.networks.feeds.limits import sanitise_input
from connectors.networks.feeds.piecewise import Pieces, is_well_formed, read_piecewise

_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)[\s>/]", re.IGNORECASE)
_FIRST: Final = re.compile(
    rb"(?>\s|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->|<![A-Za-z][^<>\[]*(?:\[[^\]]*\]\s*)?>)*+<([A-Za-z][\w:.-]*)", re.DOTALL
)
"""The first element, after comments, instructions and a DOCTYPE: it determines the kind of document."""
_PERIODS: Final = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_SIGNED: Final = re.compile(
    r"[^\s@]+@[^\s@]+?(?:\s+\((.*)\))?|([^<]*)<[^\s<>@]+@[^\s<>@]+>"
)  # RSS 2.0: a mail address and a name
_ADULT: Final = frozenset({"adult", "r", "nc-17", "tv-ma"})


def decode(body: bytes, url: str, content_type: str = "") -> Feed | None:
    """The feed in `body`, fetched from `url`; None if this is neither RSS nor Atom. Slow for large feeds.

    Raises InvalidResponse if nothing in it can be read.
    """
    data, numbers, lost, whole = sanitise_input(body, content_type)
    first = _FIRST.match(data)
    if _ROOT.search(data) is None or (first and first[1].lower() == b"html"):
        return None
    pieces = None if is_well_formed(data) else read_piecewise(data, numbers, _parsed)
    if pieces is None:
        try:
            found = _parsed(data)
        except Exception as error:  # noqa: BLE001  feedparser may raise anything over foreign bytes
            pieces = _rescued(data, url, error, numbers)
        else:
            pieces = Pieces(found, found.entries[:ENTRIES_AT_MOST], _lost(found, numbers))
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
    for number, entry in enumerate(pieces.entries[:ENTRIES_AT_MOST], 1):
        try:
            read.append(_entry(dict(entry), url))
        except Exception:  # noqa: BLE001  a broken entry affects no other
            unread.append(f"Unreadable entry {number}: it holds an invalid value.")
    return Feed(
        url=url,
        title=_line(found, "title"),
        link=_link(found),
        icon=next(filter(None, map(_string, _icons(found))), ""),
        lang=_string(found.get("language")),
        author=_writer(found),
        entries=tuple(read),
        wait=_wait(found),
        broken=tuple(unread),
        is_atom=pieces.feed is not None and str(pieces.feed.version).startswith("atom"),
    )


def _icons(found: Mapping[str, Any]) -> Iterator[Any]:
    yield found.get("webfeeds_icon")
    yield found.get("icon")
    yield _mapping(found.get("image")).get("href")
    yield found.get("logo")


def _entry(found: Mapping[str, Any], url: str) -> Entry:
    content = _fullest([_mapping(each) for each in _list(found.get("content"))])
    thumbnails = [_mapping(each).get("url") for each in _list(found.get("media_thumbnail"))]
    rating = str(_mapping(found.get("media_rating")).get("content", ""))
    return Entry(
        id=_string(found.get("id")),
        link=_link(found),
        title=_line(found, "title"),
        summary=_words(_mapping(found.get("summary_detail")) or {"value": found.get("summary", "")}, url),
        content=_words(content, url),
        author=_writer(found),
        published=_moment(found, "published", "created"),
        updated=_moment(found, "updated"),
        enclosures=tuple(_enclosures(found)),
        thumbnail=next(filter(None, map(_string, thumbnails)), "") or _string(_mapping(found.get("image")).get("href")),
        tags=tuple(term for tag in _list(found.get("tags")) if (term := _string(_mapping(tag).get("term")))),
        lang=_string(content.get("language")),
        adult=rating.strip().lower() in _ADULT,
    )


def _link(found: Mapping[str, Any]) -> str:
    """The entry's own link. feedparser also makes a link of an id, which counts only if it is an address."""
    link = _string(found.get("link"))
    return "" if link == _string(found.get("id")) and not link.startswith(("http://", "https://")) else link


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _fullest(contents: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    return max(contents, key=lambda content: len(content.get("value") or ""), default={})


def _words(detail: Mapping[str, Any], url: str) -> Words:
    is_html = detail.get("type", "text/html") != "text/plain"
    base = web_address(_string(detail.get("base")), url) or url
    return words(_string(detail.get("value")), is_html=is_html, base=base)


def _line(found: Mapping[str, Any], name: str) -> str:
    detail = _mapping(found.get(f"{name}_detail"))
    return line_of(_string(found.get(name)), is_html=detail.get("type", "text/plain") != "text/plain")


def _writer(found: Mapping[str, Any]) -> Writer:
    """A name and a page; a mail address has no business on a wall."""
    detail, written = _mapping(found.get("author_detail")), _string(found.get("author"))
    signed = _SIGNED.fullmatch(written.strip()[:1_000])
    name = (signed[1] or signed[2] or "") if signed else _string(detail.get("name")) or written
    return Writer(name=line_of(name, is_html="<" in name), url=_string(detail.get("href")))


def _moment(found: Mapping[str, Any], *names: str) -> datetime | None:
    """The first complete date of these: feedparser guesses at text that only begins like a date."""
    said = ((_string(found.get(name)), found.get(f"{name}_parsed")) for name in names)
    return next(filter(None, (moment_or_guess(text, guess) for text, guess in said)), None)


def _enclosures(found: Mapping[str, Any]) -> Iterator[Enclosure]:
    for each in map(_mapping, _list(found.get("media_content"))):
        yield Enclosure(
            url=_string(each.get("url")),
            type=_string(each.get("type")),
            medium=_string(each.get("medium")),
            alt=line(_string(each.get("alt"))),
            width=pixels(each.get("width")),
            height=pixels(each.get("height")),
        )
    for link in map(_mapping, _list(found.get("links"))):
        if link.get("rel") == "enclosure":
            yield Enclosure(url=_string(link.get("href")), type=_string(link.get("type")))


def _wait(found: Mapping[str, Any]) -> float | None:
    """The feed's own pause: `<ttl>` in minutes, or `sy:` times in a period (RSS 1.0 syndication module)."""
    with suppress(ValueError, KeyError, ZeroDivisionError, OverflowError, TypeError, AttributeError):
        if found.get("ttl"):
            return _finite(float(found["ttl"]) * 60)
        if found.get("sy_updateperiod"):
            period = _PERIODS[found["sy_updateperiod"].strip().lower()]
            return _finite(period / float(found.get("sy_updatefrequency") or 1))
    return None


def _finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None
