"""The nesting of a feed's elements around a section: it refutes a section that would swallow a neighbour's markup.

Only markup outside of the section counts, since anyone may have written its text.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, NamedTuple

REFUTED_AT_MOST: Final = 20
"""Different ends of sections in one document behind which elements are searched."""
SEARCHED: Final = 256 * 1024
"""Bytes behind the end of a section."""
TAG_SEARCHED: Final = 300
"""Bytes before a section in which the beginning of a tag is searched."""

_HALF_TAG: Final = re.compile(rb"<[^<>]*+\Z")
_TOKEN: Final = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<(/?)([A-Za-z][\w.:-]*+)[^<>]*+>", re.DOTALL
)
_VOID: Final = frozenset({b"br", b"hr", b"img", b"wbr"})
_ONCE: Final = frozenset(
    {b"title", b"guid", b"id", b"pubdate", b"published", b"updated", b"description", b"summary", b"content"}
)
"""Elements that an entry has at most once."""


class Nesting:
    """The open elements of one document, to be asked for in order: the time grows with the document's length."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._entry, self._at, self._walk = -1, 0, _Walk(children_at=1)
        self._after: dict[int, _Rest] = {}

    def refutes(self, entry: int, start: int, end: int) -> bool:
        """Whether the section from `start` to `end` can't belong as a whole to the entry that begins at `entry`.

        Then it begins inside a tag, the element in which it begins does not end behind it, or the entry would have two
        titles.
        """
        if _HALF_TAG.search(self._data, max(0, start - TAG_SEARCHED), start):
            return True
        rest = self._rest(end)
        if rest is None:
            return False
        if entry != self._entry:
            self._entry, self._at, self._walk = entry, entry, _Walk(children_at=1)
        self._walk.unbalanced(self._data, self._at, start)
        self._at = max(self._at, start)
        opened = self._walk.opened
        if not opened or rest.closing != opened[-1]:
            return True
        return len(opened) == 1 and bool(self._walk.children & rest.children & _ONCE)

    def _rest(self, end: int) -> _Rest | None:
        """What follows a section; None if it is not known."""
        if end not in self._after:
            if len(self._after) >= REFUTED_AT_MOST:
                return None
            walk = _Walk(children_at=0)
            closing = walk.unbalanced(self._data, end, end + SEARCHED)
            self._after[end] = _Rest(closing, walk.children)
        rest = self._after[end]
        return rest if rest.closing or end + SEARCHED >= len(self._data) else None


class _Rest(NamedTuple):
    """The first end tag that closes an earlier element, or nothing, and the elements before it."""

    closing: bytes
    children: set[bytes]


class _Walk:
    """A walk from tag to tag. `children` are the elements that begin within as many open ones as `children_at` says."""

    def __init__(self, *, children_at: int) -> None:
        self.opened: list[bytes] = []
        self.children: set[bytes] = set()
        self._children_at = children_at
        self._counts: Counter[bytes] = Counter()

    def unbalanced(self, data: bytes, start: int, end: int) -> bytes:
        """The first end tag without a beginning, if any. An element without an end tag is passed over."""
        for tag in _TOKEN.finditer(data, start, end):
            name = (tag[2] or b"").lower()
            if not name or name in _VOID:
                continue
            if not tag[1]:
                self._begin(name, is_empty=tag[0].endswith(b"/>"))
            elif self._counts[name]:
                self._end(name)
            elif not self._children_at:
                return name
        return b""

    def _begin(self, name: bytes, *, is_empty: bool) -> None:
        if len(self.opened) == self._children_at:
            self.children.add(name)
        if not is_empty:
            self.opened.append(name)
            self._counts[name] += 1

    def _end(self, name: bytes) -> None:
        while (last := self.opened.pop()) != name:
            self._counts[last] -= 1
        self._counts[name] -= 1
