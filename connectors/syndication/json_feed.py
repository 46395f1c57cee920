"""JSON Feed 1.0 and 1.1 (jsonfeed.org) into the shape of `entities.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin

from connectors.errors import InvalidResponse
from connectors.syndication.dates import moment, newest_first
from connectors.syndication.entities import ENTRIES_AT_MOST, Enclosure, Entry, Feed, Words, Writer, line, words
from connectors.text import lenient_json
from connectors.text.json_items import decode_listing

_STRANGE: Final = "Unreadable entry {}: it holds an invalid value."


_ITEM_FIELDS: Final = frozenset({"id", "content_html", "content_text", "date_published"})


def looks_like_json(body: bytes) -> bool:
    return lenient_json.begins_with(body, "{")


def decode(body: bytes, url: str) -> Feed:
    """The feed in `body`, fetched from `url`. An item that is not an object is counted. Raises InvalidResponse."""
    try:
        found = decode_listing(body, "items", _is_item)
    except ValueError as error:
        raise InvalidResponse(f"Invalid JSON: the feed at {url} can't be read.") from error
    listed = lenient_json.as_list(found.get("items")) if isinstance(found, dict) else None
    if listed is None and not (isinstance(found, dict) and found.get("items") == []):
        raise InvalidResponse(f"Not a feed: the JSON at {url} has no list of items.")
    items = _newest(listed or [])
    entries, broken = [], []
    for number, item in items:
        try:
            entries.append(_entry(number, item, url))
        except Exception:  # noqa: BLE001  a broken entry affects no other
            broken.append(
                f"Invalid entry {number}: it is not an object."
                if not isinstance(item, dict)
                else _STRANGE.format(number)
            )
    return Feed(
        url=url,
        title=line(_string(found, "title")),
        link=_address(found, "home_page_url", url) or url,
        icon=_address(found, "icon", url) or _address(found, "favicon", url),
        lang=_string(found, "language"),
        author=_author(found, url),
        entries=tuple(entries),
        broken=tuple(broken),
    )


def _is_item(value: object) -> bool:
    return isinstance(value, dict) and not _ITEM_FIELDS.isdisjoint(value)


def _newest(items: list[Any]) -> list[tuple[int, Any]]:
    """The newest items with their numbers, as many as are taken, in the order of the document."""
    numbered = list(enumerate(items, 1))
    if len(items) <= ENTRIES_AT_MOST:
        return numbered
    dates = [_moment(item.get("date_published")) if isinstance(item, dict) else None for item in items]
    return [numbered[at] for at in sorted(newest_first(dates)[:ENTRIES_AT_MOST])]


def _entry(number: int, item: Mapping[str, Any], url: str) -> Entry:
    link = _address(item, "url", url) or _address(item, "external_url", url)
    html = _string(item, "content_html")
    return Entry(
        number=number,
        id=_identity(item.get("id")),
        link=link,
        title=line(_string(item, "title")),
        summary=words(_string(item, "summary"), is_html=False, base=""),
        content=Words(html=html, base=link or url)
        if html
        else words(_string(item, "content_text"), is_html=False, base=""),
        author=_author(item, url),
        published=_moment(item.get("date_published")),
        updated=_moment(item.get("date_modified")),
        enclosures=tuple(_enclosure(found, url) for found in _objects(item.get("attachments"))),
        thumbnail=_address(item, "image", url) or _address(item, "banner_image", url),
        tags=tuple(tag for tag in _list(item.get("tags")) if isinstance(tag, str)),
        lang=_string(item, "language"),
    )


def _author(found: Mapping[str, Any], url: str) -> Writer:
    """The author: 1.1 has `authors`, 1.0 had `author`; both are read."""
    author = next(iter([*_objects(found.get("authors")), *_objects([found.get("author")])]), {})
    return Writer(
        name=line(_string(author, "name")), url=_address(author, "url", url), avatar=_address(author, "avatar", url)
    )


def _enclosure(found: Mapping[str, Any], url: str) -> Enclosure:
    return Enclosure(
        url=_address(found, "url", url), type=_string(found, "mime_type"), alt=line(_string(found, "title"))
    )


def _moment(value: object) -> datetime | None:
    """A date in RFC 3339, as the specification requires, or in RSS's format, which some programs write."""
    return moment(value) if isinstance(value, str) else None


def _identity(value: object) -> str:
    """An id: the specification requires a string and asks readers to accept a number."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _address(found: Mapping[str, Any], name: str, url: str) -> str:
    value = _string(found, name).strip()
    try:
        return urljoin(url, value) if value else ""
    except ValueError:
        return ""


def _string(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return lenient_json.as_list(value) or []


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [found for found in _list(value) if isinstance(found, dict)]
