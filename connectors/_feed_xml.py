"""RSS 0.9x to 2.0, RSS 1.0 and Atom into the shape of `_feed_shape.py`, read by feedparser as far as they can be read.

What feedparser must be spared is kept from it by `_feed_bounds.py`. It refuses to judge entries.
"""

from __future__ import annotations

import io
import math
import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import feedparser

from connectors._feed_bounds import tame
from connectors._feed_media import web_address
from connectors._feed_shape import ENTRIES_AT_MOST, Enclosure, Entry, Feed, Words, Writer, line, line_of, pixels, words

_ROOT: Final = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf|channel|item|entry)[\s>/]", re.IGNORECASE)
_PAGE: Final = re.compile(rb"<html[\s>]", re.IGNORECASE)
_PERIODS: Final = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_SIGNED: Final = re.compile(r"\S+@\S+?(?:\s+\((.*)\))?|(.*?)\s*<\S+@\S+>")  # RSS 2.0: a mail address and a name
_HARMLESS: Final = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_ADULT: Final = frozenset({"adult", "r", "nc-17", "tv-ma"})


def decode(body: bytes, url: str, content_type: str = "") -> Feed | None:
    """The feed in `body`, fetched from `url`; None if this is no RSS or Atom. Slow for large feeds: use a thread."""
    data = tame(body, content_type)
    root, page = _ROOT.search(data), _PAGE.search(data)
    if root is None or (page and page.start() < root.start()):
        return None
    found = feedparser.parse(
        io.BytesIO(data),  # never a bare string: feedparser would open it as a file or an address
        response_headers={"content-type": "application/xml; charset=utf-8"},  # and no address, which would change guids
        sanitize_html=False,  # `_html.py` alone makes HTML safe, and it resolves the links as well
        resolve_relative_uris=False,
    )
    if not (found.version or found.entries):
        return None
    return _feed(dict(found.feed), found.entries[:ENTRIES_AT_MOST], url, _complaint(found))


def _complaint(found: Any) -> tuple[str, ...]:
    error = found.get("bozo_exception")
    if not found.bozo or isinstance(error, _HARMLESS):
        return ()
    what = getattr(error, "getMessage", lambda: str(error))()
    return (f"The feed is not well-formed ({what}); it was read as far as it can be.",)


def _feed(found: Mapping[str, Any], entries: list[Any], url: str, broken: tuple[str, ...]) -> Feed:
    image = found.get("image") or {}
    return Feed(
        url=url,
        title=_line(found, "title"),
        link=found.get("link", ""),
        icon=found.get("webfeeds_icon") or found.get("icon") or image.get("href") or found.get("logo") or "",
        lang=found.get("language") or "",
        author=_writer(found),
        entries=tuple(_entry(dict(entry), url) for entry in entries),
        wait=_wait(found),
        broken=broken,
    )


def _entry(found: Mapping[str, Any], url: str) -> Entry:
    content = _fullest(found.get("content") or [])
    return Entry(
        id=found.get("id", ""),
        link=found.get("link", ""),
        title=_line(found, "title"),
        summary=_words(found.get("summary_detail") or {"value": found.get("summary", "")}, url),
        content=_words(content, url),
        author=_writer(found),
        published=_moment(found, "published", "created"),
        updated=_moment(found, "updated"),
        enclosures=tuple(_enclosures(found)),
        thumbnail=next((each["url"] for each in found.get("media_thumbnail", []) if each.get("url")), "")
        or (found.get("image") or {}).get("href", ""),
        tags=tuple(tag["term"] for tag in found.get("tags", []) if tag.get("term")),
        lang=content.get("language") or "",
        adult=str((found.get("media_rating") or {}).get("content", "")).strip().lower() in _ADULT,
    )


def _fullest(contents: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    return max(contents, key=lambda content: len(content.get("value") or ""), default={})


def _words(detail: Mapping[str, Any], url: str) -> Words:
    is_html = detail.get("type", "text/html") != "text/plain"
    return words(detail.get("value") or "", is_html=is_html, base=web_address(detail.get("base") or "", url) or url)


def _line(found: Mapping[str, Any], name: str) -> str:
    detail = found.get(f"{name}_detail") or {}
    return line_of(found.get(name) or "", is_html=detail.get("type", "text/plain") != "text/plain")


def _writer(found: Mapping[str, Any]) -> Writer:
    """A name and a page; an address for letters is nobody's business on a wall."""
    detail, written = found.get("author_detail") or {}, found.get("author") or ""
    signed = _SIGNED.fullmatch(written.strip())
    name = (signed[1] or signed[2] or "") if signed else detail.get("name") or written
    return Writer(name=line_of(name, is_html="<" in name), url=detail.get("href") or "")


def _moment(found: Mapping[str, Any], *names: str) -> datetime | None:
    parsed = next((found[f"{name}_parsed"] for name in names if found.get(f"{name}_parsed")), None)
    return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None


def _enclosures(found: Mapping[str, Any]) -> Iterator[Enclosure]:
    for each in found.get("media_content", []):
        yield Enclosure(
            url=each.get("url") or "",
            type=each.get("type") or "",
            medium=each.get("medium") or "",
            alt=line(each.get("alt") or ""),
            width=pixels(each.get("width")),
            height=pixels(each.get("height")),
        )
    for link in found.get("links", []):
        if link.get("rel") == "enclosure":
            yield Enclosure(url=link.get("href") or "", type=link.get("type") or "")


def _wait(found: Mapping[str, Any]) -> float | None:
    """`<ttl>` is in minutes; `sy:` says so many times in such a period (RSS 1.0 syndication module)."""
    with suppress(ValueError, KeyError, ZeroDivisionError):
        if found.get("ttl"):
            return _finite(float(found["ttl"]) * 60)
        if found.get("sy_updateperiod"):
            period = _PERIODS[found["sy_updateperiod"].strip().lower()]
            return _finite(period / float(found.get("sy_updatefrequency") or 1))
    return None


def _finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None
