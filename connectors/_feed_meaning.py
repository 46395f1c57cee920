"""What a feed means: its entries as Posts. Pure: the moment of the look and the memory of earlier looks come in.

It owns keys that survive a missing guid and dates that survive a liar. It refuses to know syntax and network.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from connectors._base import Person, Post, Value
from connectors._feed_media import attachments, web_address
from connectors._feed_shape import Entry, Feed, Words, line
from connectors._html import clean, plain

NETWORK: Final = "feeds"
KEY_LENGTH: Final = 400
LONG_READ: Final = 1200  # characters of words beyond which an article's own summary says it better
SUMMARY_WORTH: Final = 40
BODY_LENGTH: Final = 4000  # characters of HTML
TAGS_AT_MOST: Final = 12
DAWN: Final = datetime(1990, 1, 1, tzinfo=UTC)  # a date before the web is a program's zero, not an author's word

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


class Meaning(Value, frozen=True):
    """Posts oldest first, a sentence per entry that could not be read, and the first-seen dates to remember."""

    posts: tuple[Post, ...]
    broken: tuple[str, ...]
    seen: dict[str, str]


def read(feed: Feed, *, scope: str, moment: datetime, seen: Mapping[str, str]) -> Meaning:
    """The feed's posts as of `moment`. Keys are `scope#id`; `seen` maps entries without a true date to their first day.

    Read twice with the memory that it returned, an unchanged entry gives an equal post.
    """
    posts: dict[str, Post] = {}
    broken = list(feed.broken)
    remembered: dict[str, str] = {}
    for number, entry in enumerate(feed.entries, 1):
        key = _key(entry, scope)
        if key in posts:
            broken.append(f"Entry {number} repeats the id of an earlier one ({line(entry.id or entry.link)[:80]}).")
            continue
        mark = _digest(key)[:16]
        created = _date(entry, moment)
        if created is None or mark in seen:
            remembered[mark] = seen.get(mark) or moment.isoformat()
            created = min(created or moment, datetime.fromisoformat(remembered[mark]))
        post = _post(entry, feed, key=key, created=created, moment=moment)
        if post is None:
            broken.append(f"Entry {number} says nothing: it has neither title nor text nor picture.")
        else:
            posts[key] = post
    newest_last = list(posts.values())[::-1]  # as feeds have it; sorting keeps this among equal dates
    oldest_first = sorted(newest_last, key=lambda post: post.created_at)
    return Meaning(posts=tuple(oldest_first), broken=tuple(broken), seen=remembered)


def _key(entry: Entry, scope: str) -> str:
    """Guids repeat across feeds, hence the scope; without one the link serves, and without that the words."""
    own = " ".join((entry.id or entry.link).split())
    if not own:
        own = _digest(f"{entry.title}\n{entry.content.html or entry.summary.html}")
    return f"{scope}#{own if len(own) <= KEY_LENGTH else _digest(own)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _date(entry: Entry, moment: datetime) -> datetime | None:
    """When it was written, unless that is missing, impossible or still to come (and one day will have come)."""
    said = entry.published or entry.updated
    return said if said and DAWN <= said <= moment else None


def _post(entry: Entry, feed: Feed, *, key: str, created: datetime, moment: datetime) -> Post | None:
    html = _body(entry, feed.url)
    title = _title(entry.title, html)
    media = attachments(entry, feed.url)
    if not (title or html or media):
        return None
    edited = entry.updated if entry.updated and created < entry.updated <= moment else None
    return Post(
        network=NETWORK,
        key=key,
        url=_url(entry, feed),
        author=_author(entry, feed),
        created_at=created,
        edited_at=edited,
        title=title,
        html=html,
        lang=_language(entry.lang or feed.lang),
        sensitive=entry.adult,
        media=media,
        tags=_tags(entry.tags),
    )


def _body(entry: Entry, url: str) -> str:
    """The text in full where it is short, and else the author's own summary of it, if there is one worth the name."""
    content, summary = _safe(entry.content, url), _safe(entry.summary, url)
    if not content or not summary:
        return content or summary
    is_long = len(plain(content)) > LONG_READ
    return summary if is_long and len(plain(summary)) >= SUMMARY_WORTH else content


def _safe(words: Words, url: str) -> str:
    return clean(words.html, base=web_address(words.base, url) or url, limit=BODY_LENGTH)


def _title(title: str, html: str) -> str:
    """Nothing where the text begins with the same words, as the feeds of short posts do."""
    start = title.rstrip(".… ")
    return "" if not start or " ".join(plain(html).split()).startswith(start) else title


def _url(entry: Entry, feed: Feed) -> str:
    candidates = (entry.link, entry.id if entry.id.startswith(("http://", "https://")) else "", feed.link)
    return next((url for each in candidates if (url := web_address(each, feed.url))), feed.url)


def _author(entry: Entry, feed: Feed) -> Person:
    """Who wrote it; the feed stands in where the entry is silent. The handle is the site, as a reader would name it."""
    site = web_address(feed.link, feed.url) or feed.url
    host = (urlsplit(site).hostname or "").removeprefix("www.")
    writer = entry.author
    return Person(
        name=writer.name or feed.author.name or feed.title or host,
        handle=host,
        url=web_address(writer.url, feed.url) or web_address(feed.author.url, feed.url) or site,
        avatar=next(
            (url for each in (writer.avatar, feed.author.avatar, feed.icon) if (url := web_address(each, feed.url))), ""
        ),
    )


def _language(said: str) -> str:
    return said.replace("_", "-") if _LANGUAGE.fullmatch(said) else ""


def _tags(said: tuple[str, ...]) -> tuple[str, ...]:
    tags = (line(tag).lstrip("#") for tag in said)
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:TAGS_AT_MOST]
