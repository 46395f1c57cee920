"""From a feed's entries to Posts. Pure: the time and the memory of earlier readings are arguments.

Wrong dates are corrected here, and unusable guids replaced (`keys.py`).
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from connectors.contract import Person, Post, Value
from connectors.contract.bounds import MIN_DATE, bounded
from connectors.networks.feeds.keys import Naming, digest
from connectors.networks.feeds.memory import Memory
from connectors.syndication.addresses import web_address
from connectors.syndication.attachments import attachments
from connectors.syndication.entities import Entry, Feed, Words, line
from connectors.text.characters import is_visible
from connectors.text.html import clean, plain

NETWORK: Final = "feeds"
LONG_READ: Final = 1200  # characters of text beyond which an article's own summary is shown
SUMMARY_WORTH: Final = 40
BODY_LENGTH: Final = 4000  # characters of HTML
TAGS_AT_MOST: Final = 12

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


class Meaning(Value, frozen=True):
    """Posts oldest first, a sentence per unreadable entry, the new memory, and the feed's own pause.

    A truncated feed (not `whole`) is to be fetched again, however little has changed since.
    """

    posts: tuple[Post, ...]
    broken: tuple[str, ...]
    memory: Memory
    wait: float | None = None
    whole: bool = True


def read(feed: Feed, *, scope: str, moment: datetime, memory: Memory) -> Meaning:
    """The feed's posts as of `moment`. Keys are `scope#id`.

    Read again with the returned memory, an unchanged entry gives an equal post.
    """
    naming = Naming(feed, scope, memory.shared, memory.names, partial(_is_known, feed, memory))
    posts: dict[str, Post] = {}
    versions: dict[str, Entry] = {}
    broken = list(feed.broken)
    seen: dict[str, str] = {}
    words: dict[str, str] = {}
    for entry in feed.entries:
        try:
            key = naming.key(entry)
            created, remembered = _created(entry, moment, memory.seen.get(_mark(key)))
            if remembered:
                seen[_mark(key)] = remembered
            post = _post(entry, feed, key=key, created=created)
            post = post and bounded(post)
        except Exception:  # noqa: BLE001  a broken entry affects no other
            broken.append(f"Unreadable entry {entry.number}: it holds an invalid value.")
            continue
        if post is None:
            broken.append(f"Empty entry {entry.number}: it has no title, text or picture.")
        elif key not in posts or _is_later(entry, versions[key]):
            versions[key] = entry
            words[_mark(key)] = said = _said(post)
            is_edit = memory.words.get(_mark(key), said) != said
            posts[key] = replace(post, edited_at=_edited(entry, created, moment) if is_edit else None)
    newest_last = list(posts.values())[::-1]  # as feeds have it; sorting keeps this among equal dates
    oldest_first = sorted(newest_last, key=lambda post: post.created_at)
    kept = Memory(seen=seen, shared=naming.shared, words=words, names=naming.names)
    return Meaning(posts=tuple(oldest_first), broken=tuple(broken), memory=kept, wait=feed.wait, whole=feed.whole)


def _is_known(feed: Feed, memory: Memory, entry: Entry, key: str) -> bool:
    """Whether the entry had this key before, with the same content."""
    said = memory.words.get(_mark(key))
    if said is None:
        return False
    try:
        post = _post(entry, feed, key=key, created=MIN_DATE)
    except Exception:  # noqa: BLE001  it is counted where it is read
        return False
    return post is not None and _said(post) == said


def _is_later(entry: Entry, other: Entry) -> bool:
    """Whether this is the later of two versions of one entry, which Atom allows in one document."""
    ours, theirs = entry.updated or entry.published, other.updated or other.published
    return ours is not None and (theirs is None or ours > theirs)


def _said(post: Post) -> str:
    return digest(msgspec.json.encode(replace(post, created_at=MIN_DATE)).decode())[:16]


def _edited(entry: Entry, created: datetime, moment: datetime) -> datetime | None:
    return entry.updated if entry.updated and created < entry.updated <= moment else None


def _created(entry: Entry, moment: datetime, first_day: str | None) -> tuple[datetime, str]:
    """The time of writing, and the date to remember for an entry without one."""
    created = _date(entry, moment)
    # The zero date of a server whose clock was believed once.
    if first_day and datetime.fromisoformat(first_day) < MIN_DATE:
        first_day = None
    if created is not None and first_day is None:
        return created, ""
    remembered = first_day or moment.isoformat()
    return min(created or moment, datetime.fromisoformat(remembered)), remembered


def _mark(key: str) -> str:
    return digest(key)[:16]


def _date(entry: Entry, moment: datetime) -> datetime | None:
    """The entry's own date; None if it is missing, impossible or in the future (where it would come true one day)."""
    said = entry.published or entry.updated
    return said if said and MIN_DATE <= said <= moment else None


def _post(entry: Entry, feed: Feed, *, key: str, created: datetime) -> Post | None:
    html = _body(entry, feed.url)
    title = _title(entry.title, html)
    media = attachments(entry, feed.url)
    if not (title or html or media):
        return None
    return Post(
        network=NETWORK,
        key=key,
        url=_url(entry, feed),
        author=_author(entry, feed),
        created_at=created,
        title=title,
        html=html,
        lang=_language(entry.lang or feed.lang),
        sensitive=entry.adult,
        media=media,
        tags=_tags(entry.tags),
    )


def _body(entry: Entry, url: str) -> str:
    """The text in full if it is short, else the author's own summary if it is long enough."""
    content, summary = _safe(entry.content, url), _safe(entry.summary, url)
    if not content or not summary:
        return content or summary
    is_long = len(plain(content)) > LONG_READ
    return summary if is_long and len(plain(summary)) >= SUMMARY_WORTH else content


def _safe(words: Words, url: str) -> str:
    """Safe HTML, or nothing if no character of it is visible."""
    html = clean(words.html, base=web_address(words.base, url) or url, limit=BODY_LENGTH)
    return html if is_visible(plain(html)) else ""


def _title(title: str, html: str) -> str:
    """The title; empty if the text begins with the same words, as in feeds of short posts."""
    start = title.rstrip(".… ")
    return "" if not start or " ".join(plain(html).split()).startswith(start) else title


def _url(entry: Entry, feed: Feed) -> str:
    candidates = (entry.link, entry.id if entry.id.startswith(("http://", "https://")) else "", feed.link)
    return next((url for each in candidates if (url := web_address(each, feed.url))), feed.url)


def _author(entry: Entry, feed: Feed) -> Person:
    """The author, or the feed if the entry names none. The handle is the site's host."""
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
