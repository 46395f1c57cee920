"""From feedparser's dictionaries to the shape of `entities.py`: every field may be missing, or of another type."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from connectors.syndication.addresses import web_address
from connectors.syndication.dates import moment_or_guess
from connectors.syndication.entities import Enclosure, Entry, Words, Writer, line, line_of, pixels, words

_PERIODS: Final = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_SIGNED: Final = re.compile(
    r"[^\s@]+@[^\s@]+?(?:\s+\((.*)\))?|([^<]*)<[^\s<>@]+@[^\s<>@]+>"
)  # RSS 2.0: a mail address and a name
_ADULT: Final = frozenset({"adult", "r", "nc-17", "tv-ma"})


def icon(found: Mapping[str, Any]) -> str:
    """The feed's first icon of several kinds, or empty."""
    image = _mapping(found.get("image")).get("href")
    kinds = (found.get("webfeeds_icon"), found.get("icon"), image, found.get("logo"))
    return next(filter(None, map(string, kinds)), "")


def to_entry(number: int, found: Mapping[str, Any], url: str) -> Entry:
    content = _fullest([_mapping(each) for each in _list(found.get("content"))])
    thumbnails = [_mapping(each).get("url") for each in _list(found.get("media_thumbnail"))]
    rating = str(_mapping(found.get("media_rating")).get("content", ""))
    return Entry(
        number=number,
        id=string(found.get("id")),
        link=link_of(found),
        title=single_line(found, "title"),
        summary=_words(_mapping(found.get("summary_detail")) or {"value": found.get("summary", "")}, url),
        content=_words(content, url),
        author=writer(found),
        published=_moment(found, "published", "created"),
        updated=_moment(found, "updated"),
        enclosures=tuple(_enclosures(found)),
        thumbnail=next(filter(None, map(string, thumbnails)), "") or string(_mapping(found.get("image")).get("href")),
        tags=tuple(term for tag in _list(found.get("tags")) if (term := string(_mapping(tag).get("term")))),
        lang=string(content.get("language")),
        adult=rating.strip().lower() in _ADULT,
    )


def link_of(found: Mapping[str, Any]) -> str:
    """The entry's own link. feedparser also makes a link of an id, which counts only if it is an address."""
    link = string(found.get("link"))
    is_own = link != string(found.get("id")) or any(
        _mapping(each).get("href") == link for each in _list(found.get("links"))
    )
    return link if is_own or link.startswith(("http://", "https://", "/")) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _fullest(contents: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    return max(contents, key=lambda content: len(content.get("value") or ""), default={})


def _words(detail: Mapping[str, Any], url: str) -> Words:
    is_html = detail.get("type", "text/html") != "text/plain"
    base = web_address(string(detail.get("base")), url) or url
    return words(string(detail.get("value")), is_html=is_html, base=base)


def single_line(found: Mapping[str, Any], name: str) -> str:
    detail = _mapping(found.get(f"{name}_detail"))
    return line_of(string(found.get(name)), is_html=detail.get("type", "text/plain") != "text/plain")


def writer(found: Mapping[str, Any]) -> Writer:
    """A name and a page; a mail address has no business on a wall."""
    detail, written = _mapping(found.get("author_detail")), string(found.get("author"))
    signed = _SIGNED.fullmatch(written.strip()[:1_000])
    name = (signed[1] or signed[2] or "") if signed else string(detail.get("name")) or written
    return Writer(name=line_of(name, is_html="<" in name), url=string(detail.get("href")))


def _moment(found: Mapping[str, Any], *names: str) -> datetime | None:
    """The first complete date of these: feedparser guesses at text that only begins like a date."""
    said = ((string(found.get(name)), found.get(f"{name}_parsed")) for name in names)
    return next(filter(None, (moment_or_guess(text, guess) for text, guess in said)), None)


def _enclosures(found: Mapping[str, Any]) -> Iterator[Enclosure]:
    for each in map(_mapping, _list(found.get("media_content"))):
        yield Enclosure(
            url=string(each.get("url")),
            type=string(each.get("type")),
            medium=string(each.get("medium")),
            alt=line(string(each.get("alt"))),
            width=pixels(each.get("width")),
            height=pixels(each.get("height")),
        )
    for link in map(_mapping, _list(found.get("links"))):
        if link.get("rel") == "enclosure":
            yield Enclosure(url=string(link.get("href")), type=string(link.get("type")))


def wait(found: Mapping[str, Any]) -> float | None:
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
