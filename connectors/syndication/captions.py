"""The captions of Media RSS (rssboard.org/media-rss), which feedparser takes for the text of the entry.

A picture's `media:description` becomes an attribute of its `media:content`. Outside of a picture, it is the text of an
entry without any other, as on YouTube, and a caption of the neighbouring picture elsewhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final, NamedTuple

from connectors.syndication.namespaces import media_prefixes
from connectors.syndication.outline import outline

_CDATA: Final = re.compile(rb"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_WORDS: Final = re.compile(rb"<(?:([\w.-]+):)?(?:description|summary|content|encoded)\b[^<>]*(?<!/)>", re.IGNORECASE)
_NOTHING: Final = re.compile(rb"\s*(?:<!\[CDATA\[\s*\]\]>\s*)?</")
_ALT: Final = re.compile(rb"\salt\s*=")


class _Content(NamedTuple):
    """A `media:content`: the bytes of its opening tag in the document, and the number of its group."""

    start: int
    end: int
    group: int
    has_alt: bool


def with_captions(data: bytes) -> bytes:
    """The same document with each caption beside its picture, as `alt`."""
    prefixes = media_prefixes(data)
    if not any(prefix + b":" in data for prefix in prefixes):
        return data
    found = outline(data)
    names = b"|".join(map(re.escape, prefixes))
    tags = re.compile(rb"<(/?)(?:%s):(content|description|title|group)(?=[\s/>])([^<>]*)>" % names)
    edits: list[tuple[int, int, bytes]] = []
    for start, end in found.spans:
        entry = _Entry(data, has_words=_has_words(data, found.markup, start, end, prefixes))
        for tag in tags.finditer(found.markup, start, end):
            entry.take(tag)
        edits += entry.edits()
    pieces, at = [], 0
    for start, end, text in sorted(edits):
        pieces += [data[at:start], text]
        at = end
    return b"".join([*pieces, data[at:]])


def _has_words(data: bytes, markup: bytes, start: int, end: int, prefixes: tuple[bytes, ...]) -> bool:
    own = (tag for tag in _WORDS.finditer(markup, start, end) if tag[1] not in prefixes)
    return any(not _NOTHING.match(data, tag.end()) for tag in own)


class _Entry:
    """The Media RSS of one entry, tag by tag."""

    def __init__(self, data: bytes, *, has_words: bool) -> None:
        self._data = data
        self._has_words = has_words
        self._contents: list[_Content] = []
        self._captions: dict[_Content, bytes] = {}
        self._loose: list[tuple[int, bytes]] = []  # captions outside of a picture, and their groups
        self._removed: list[tuple[int, int, bytes]] = []
        self._content: _Content | None = None
        self._text: re.Match[bytes] | None = None
        self._group = self._groups = 0

    def take(self, tag: re.Match[bytes]) -> None:
        closes, name, is_empty = bool(tag[1]), tag[2], tag[3].endswith(b"/")
        if name == b"group":
            self._groups += not closes
            self._group = 0 if closes or is_empty else self._groups
        elif name == b"content" and not closes:
            found = _Content(tag.start(), tag.end(), self._group, _ALT.search(tag[3]) is not None)
            self._contents.append(found)
            self._content = None if is_empty else found
        elif name == b"content":
            self._content = None
        elif not closes:
            self._text = None if is_empty else tag
        elif self._text and self._text[2] == name:
            self._end(self._text, tag)
            self._text = None

    def _end(self, begin: re.Match[bytes], end: re.Match[bytes]) -> None:
        """End a text; remove it from the entry if it is a picture's caption."""
        text = self._data[begin.end() : end.start()]
        is_title = begin[2] == b"title"
        if not self._content and (is_title or not self._has_words):
            return
        self._removed.append((begin.start(), end.end(), b""))
        if is_title:
            return
        if self._content:
            self._captions.setdefault(self._content, text)
        else:
            self._loose.append((self._group, text))

    def edits(self) -> list[tuple[int, int, bytes]]:
        """The replacements, by position in the document."""
        beside: defaultdict[int, list[_Content]] = defaultdict(list)
        for found in self._contents:
            beside[found.group].append(found)
        for group, text in dict(reversed(self._loose)).items():  # the first text of each group
            if group or len(beside[group]) == 1:  # a group is one picture in several sizes
                for found in beside[group]:
                    self._captions.setdefault(found, text)
        added = []
        for found, text in self._captions.items():
            if not found.has_alt:
                at = found.end - (2 if self._data.endswith(b"/>", found.start, found.end) else 1)
                added.append((at, at, b' alt="' + _attribute(text) + b'"'))
        return self._removed + added


def _attribute(text: bytes) -> bytes:
    open_text = _CDATA.sub(lambda found: found[1].replace(b"&", b"&amp;"), text)
    return open_text.replace(b'"', b"&quot;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
