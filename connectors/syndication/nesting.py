"""The nesting of a feed's elements: what a section can't belong to, and where an entry without a start tag begins.

Only markup outside of sections counts, since anyone may have written their text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

REFUTED_AT_MOST: Final = 20
"""Different ends of sections in one document behind which elements are searched."""
SEARCHED: Final = 256 * 1024
"""Bytes behind the end of a section."""
ENDS_AT_MOST: Final = 8
"""Different end tags behind a section that are compared with the open elements."""
ROOTS_AT_MOST: Final = 8
TAG_SEARCHED: Final = 300
"""Bytes before a section in which the beginning of a tag is searched."""

_HALF_TAG: Final = re.compile(rb"</?[A-Za-z][^<>]*+\Z")
_TOKEN: Final = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<(/?)([A-Za-z][\w.:-]*+)[^<>]*+>", re.DOTALL
)
_VOID: Final = frozenset({b"br", b"hr", b"img", b"wbr"})
_ONCE: Final = frozenset(
    {b"title", b"guid", b"id", b"pubdate", b"published", b"updated", b"description", b"summary", b"content"}
)
"""Elements that an entry, like a feed, has at most once …"""
_OF_ENTRIES: Final = frozenset({b"guid", b"published", b"summary", b"content", b"content:encoded", b"enclosure"})
"""… and those that a feed has not at all."""
_PARTS: Final = frozenset({b"image", b"textinput", b"source", b"author", b"contributor", b"cloud", b"items"})
"""Elements of a feed that have elements of their own."""
_ROOTS: Final = frozenset({b"rss", b"feed", b"rdf", b"channel"})
_ENTRIES: Final = frozenset({b"item", b"entry"})


class Nesting:
    """The open elements of one document, to be asked for in order: the time grows with the document's length."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._entry, self._at, self._walk = -1, 0, _Walk(children_at=1)
        self._after: dict[int, list[_Rest]] = {}

    def refutes(self, entry: int, start: int, end: int) -> bool:
        """Whether the section from `start` to `end` can't belong as a whole to the entry that begins at `entry`.

        Then it begins inside a tag, the element in which it begins does not end behind it, or the entry would have two
        titles. End tags of elements that have not begun, not even in the section, say nothing.
        """
        if _HALF_TAG.search(self._data, max(0, start - TAG_SEARCHED), start):
            return True
        rests = self._rests(end)
        if entry != self._entry:
            self._entry, self._at, self._walk = entry, entry, _Walk(children_at=1)
        self._walk.go(self._data, self._at, start)
        self._at = max(self._at, start)
        rest = next((each for each in rests if self._walk.has(each.closing) or each.begun >= start), None)
        if rest is None:
            return False
        opened = self._walk.opened
        if not opened or rest.closing != opened[-1]:
            return True
        return len(opened) == 1 and bool(self._walk.children & rest.children & _ONCE)

    def _rests(self, end: int) -> list[_Rest]:
        """What follows a section, up to each end tag that may close what is open before it; empty if it is not known.

        If nothing is closed up to the end of the document, the last one says so.
        """
        if end not in self._after and len(self._after) < REFUTED_AT_MOST:
            walk, found = _Walk(children_at=0), dict[bytes, _Rest]()
            for name, tag in _tags(self._data, end, end + SEARCHED):
                if walk.take(name, tag) or name in found:
                    continue
                found[name] = _Rest(name, self._begun(name, end), frozenset(walk.children))
                if _local(name) in _ENTRIES or len(found) == ENDS_AT_MOST:
                    break
            else:
                if end + SEARCHED >= len(self._data):
                    found[b""] = _Rest(b"", end, frozenset())
            self._after[end] = list(found.values())
        return self._after.get(end, [])

    def _begun(self, name: bytes, end: int) -> int:
        """Where the last element of this name begins that is open at the end of a section's text, or -1."""
        start = max(0, end - SEARCHED)
        text = self._data[start:end].lower()
        at = max(text.rfind(b"<" + name + behind) for behind in (b">", b" ", b"\t", b"\n", b"\r"))
        return start + at if at > text.rfind(b"</" + name) else -1


def remains(data: bytes, end: int) -> int:
    """Where the first entry begins, which ends before `end` and has no start tag.

    It is the outermost element that is still open, or a foreign one with a title: a damaged start tag; else the first
    element that the feed has twice, or has not at all, if the end tag of an entry follows it.
    """
    walk, own, doubtful, seen = _Walk(children_at=0), end, end, set[bytes]()
    for name, tag in _tags(data, 0, end):
        in_feed = not walk.opened or _local(walk.opened[-1]) in _ROOTS
        if own == end and not tag[1] and in_feed:
            own = tag.start() if name in seen & _ONCE else end
            doubtful = min(doubtful, tag.start()) if name in _OF_ENTRIES else doubtful
            seen.add(name)
        elif own == end and not tag[1] and name in _ONCE:
            own = walk.foreign(end)
        if not walk.take(name, tag) and _local(name) in _ENTRIES:
            own = min(own, doubtful)
    if data.startswith(b"</", end):
        own = min(own, doubtful)
    open_ones = zip(walk.opened, walk.starts, strict=True)
    return min([own, *(start for name, start in open_ones if _local(name) not in _ROOTS)])


def _local(name: bytes) -> bytes:
    return name.rpartition(b":")[2]


def _tags(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, re.Match[bytes]]]:
    """Each tag that is not in a section, and its name in lower case."""
    for tag in _TOKEN.finditer(data, start, end):
        name = (tag[2] or b"").lower()
        if name and name not in _VOID:
            yield name, tag


class _Rest(NamedTuple):
    """An end tag that closes an earlier element, where one of its name begins in the section, and what is before it."""

    closing: bytes
    begun: int
    children: frozenset[bytes]


class _Walk:
    """A walk from tag to tag. `opened` are the open elements, `starts` where they begin.

    `children` are the elements that begin within as many open ones as `children_at` says.
    """

    def __init__(self, *, children_at: int) -> None:
        self.opened: list[bytes] = []
        self.starts: list[int] = []
        self.children: set[bytes] = set()
        self._children_at = children_at
        self._counts: Counter[bytes] = Counter()

    def go(self, data: bytes, start: int, end: int) -> None:
        for name, tag in _tags(data, start, end):
            self.take(name, tag)

    def has(self, name: bytes) -> bool:
        return self._counts[name] > 0

    def take(self, name: bytes, tag: re.Match[bytes]) -> bool:
        """Whether the tag begins an element, or ends one that has begun: those in it without an end are passed over."""
        if tag[1]:
            return bool(self._counts[name]) and self._end(name)
        if len(self.opened) == self._children_at:
            self.children.add(name)
        if not tag[0].endswith(b"/>"):
            self.opened.append(name)
            self.starts.append(tag.start())
            self._counts[name] += 1
        return True

    def foreign(self, otherwise: int) -> int:
        """Where the outermost open element below the roots begins, if a feed has no such element."""
        outer = zip(self.opened[:ROOTS_AT_MOST], self.starts, strict=False)
        name, at = next(((name, at) for name, at in outer if _local(name) not in _ROOTS), (b"", otherwise))
        return otherwise if name in _PARTS | _ONCE or b":" in name else at

    def _end(self, name: bytes) -> bool:
        last = b""
        while last != name:
            last = self.opened.pop()
            self._counts[last] -= 1
        del self.starts[len(self.opened) :]
        return True
