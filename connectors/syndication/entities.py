"""A feed in the one shape that RSS, Atom and JSON Feed share."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Final

from connectors.contract import Value
from connectors.text.characters import visible
from connectors.text.html import from_text, plain
from connectors.text.structure import shorten

ENTRIES_AT_MOST: Final = 200
LINE_LENGTH: Final = 300

_WRAPPED: Final = re.compile(r"(?<=\S)[ \t]*\n[ \t]{2,}(?=\S)")  # a line end that came with the file's own indentation

_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>|<!--|<[A-Za-z]+\s+[\w-]+=")
"""A tag, also a truncated one; a “less than” sign alone is not HTML."""


class Words(Value, frozen=True):
    """A piece of foreign HTML, not yet safe, and the base address of its relative links."""

    html: str = ""
    base: str = ""


class Writer(Value, frozen=True):
    name: str = ""
    url: str = ""
    avatar: str = ""


class Enclosure(Value, frozen=True):
    """A file beside an entry, as the feed describes it; every field may be empty or wrong."""

    url: str
    type: str = ""
    medium: str = ""
    alt: str = ""
    preview: str = ""
    width: int = 0
    height: int = 0


class Entry(Value, frozen=True):
    """One entry. `title` is plain text; `published` and `updated` are aware and in UTC, or None if unreadable.

    `number` is its place in the document, from 1.
    """

    number: int = 0
    id: str = ""
    link: str = ""
    title: str = ""
    summary: Words = Words()
    content: Words = Words()
    author: Writer = Writer()
    published: datetime | None = None
    updated: datetime | None = None
    enclosures: tuple[Enclosure, ...] = ()
    thumbnail: str = ""
    tags: tuple[str, ...] = ()
    lang: str = ""
    adult: bool = False


class Feed(Value, frozen=True):
    """A feed, newest entry first as a rule. `wait` is its own pause between two polls, in seconds.

    `whole` means that the document is not truncated. In Atom, entries with one id are versions of one entry (RFC 4287,
    4.1.1); elsewhere an id may be anything.
    """

    url: str
    title: str = ""
    link: str = ""
    icon: str = ""
    lang: str = ""
    author: Writer = Writer()
    entries: tuple[Entry, ...] = ()
    wait: float | None = None
    broken: tuple[str, ...] = ()
    is_atom: bool = False
    whole: bool = True


def line(text: str) -> str:
    """Plain text on a single line, normalised and of bounded length; empty if it has no visible character."""
    return shorten(visible(text[: LINE_LENGTH * 8]), LINE_LENGTH)


def line_of(text: str, *, is_html: bool) -> str:
    return line(plain(text) if is_html else text)


def words(text: str, *, is_html: bool, base: str) -> Words:
    """The text as HTML. Without a tag it is plain text, whatever it is called: lines break and addresses link."""
    if is_html and _TAG.search(text):
        return Words(html=text, base=base)
    return Words(html=from_text(_WRAPPED.sub(" ", unescape(text) if is_html else text)), base=base)


def pixels(said: object) -> int:
    """A width or height in pixels, or 0."""
    digits = str(said).strip().removesuffix("px")
    return int(digits) if re.fullmatch(r"[0-9]{1,5}", digits) else 0
