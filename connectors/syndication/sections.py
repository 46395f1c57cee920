"""Comments, CDATA sections and instructions of a feed, in which nothing is markup, and where an unended one ends.

A comment or section without an end swallows everything up to the end of a later one, so that the document may even stay
well-formed. It shows by the tags of entries in it, with which an honest one does nothing but quote them.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from connectors.syndication.nesting import Nesting

MARKS: Final = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
ENTRY_TAG: Final = rb"<(/?)((?:[\w.-]+:)?(?i:item|entry))(?=[\s/>])"
SECTION: Final = b"<![CDATA["
UNENDED_AT_MOST: Final = 5
"""Unended sections between entries that are repaired in one document."""
QUOTED_AT_MOST: Final = 4_096
"""Bytes of a section that another one quotes."""

_TAG: Final = re.compile(ENTRY_TAG)
_BEGINNING: Final = re.compile(ENTRY_TAG.replace(b"(/?)", b"()"))
_WITHIN: Final = {kind: re.compile(re.escape(kind) + b"(?!>)|" + ENTRY_TAG) for kind in MARKS}
_ROOT_END: Final = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)


class Section(NamedTuple):
    """The end of a section. `is_whole` means that it has its own; else it is taken to end where markup goes on.

    `own_end` is then the end that it may have after all, if any. `may_hide` means that a whole one seems to hold
    entries.
    """

    end: int
    is_whole: bool
    own_end: int = 0
    may_hide: bool = False


class Sections:
    """The sections of one document, to be asked for in order: the time grows with the document's length.

    Those of a sound one, which is well-formed, are whole.
    """

    def __init__(self, data: bytes, *, is_sound: bool) -> None:
        self._data, self._is_sound = data, is_sound
        self._marks = dict.fromkeys(MARKS, -1)  # the next end of each kind
        self._next_entry = -1
        self._root_end = max((found.start() for found in _ROOT_END.finditer(data)), default=-1)
        self._left = UNENDED_AT_MOST
        self._nesting = Nesting(data)

    def end_of(self, kind: bytes, start: int, *, entry: int | None) -> Section | None:
        """The end of the section of this kind whose content begins at `start`; None if the document breaks off in it.

        `entry` is the start of the entry in which it begins.
        """
        end, in_entry = self._end(kind, start), entry is not None
        if end is not None and (_TAG.search(self._data, start, end) is None or not (in_entry or self._left)):
            return Section(end, is_whole=True)
        is_refuted = self._is_refuted(kind, start, end, entry)
        if in_entry:
            swallowed = self._in_entry(kind, start, end, is_refuted=is_refuted)
        else:
            swallowed = self._outside(kind, start, end)
        if end is not None and (swallowed is None or self._is_sound):
            return Section(end, is_whole=True, may_hide=in_entry and swallowed is not None)
        if swallowed is None and self._root_end >= start:
            swallowed = self._root_end
        if swallowed is None:
            return None
        is_doubtful = kind == SECTION and not is_refuted  # the others hold nothing that a stranger has written
        return Section(swallowed if in_entry else start, is_whole=False, own_end=end or 0 if is_doubtful else 0)

    def _is_refuted(self, kind: bytes, start: int, end: int | None, entry: int | None) -> bool:
        """Whether its text and the markup around a section say that it does not reach to its end."""
        if self._is_sound or entry is None or not end:
            return False
        if not self._holds_a_beginning(start, end) and self._in_entry(kind, start, end, is_refuted=False) is None:
            return False
        return self._nesting.refutes(entry, start - len(kind), end)

    def _holds_a_beginning(self, start: int, end: int) -> bool:
        """Whether the text ends an entry, and begins another one behind it."""
        first = _TAG.search(self._data, start, end)
        if first is None or not first[1]:
            return False
        if self._next_entry < first.end():
            found = _BEGINNING.search(self._data, first.end())
            self._next_entry = found.start() if found else len(self._data)
        return self._next_entry < end

    def _end(self, kind: bytes, start: int) -> int | None:
        """The position after the next end of this kind."""
        mark, at = MARKS[kind], self._marks[kind]
        if at < start:
            at = self._data.find(mark, start)
            while kind == SECTION and at >= 0 and self._is_escape(at):
                at = self._data.find(mark, at + len(mark))
            self._marks[kind] = at = len(self._data) if at < 0 else at
        return at + len(mark) if at < len(self._data) else None

    def _is_escape(self, at: int) -> bool:
        """Whether this end stands for the text `]]>`, which is written as the end of a section and another's start."""
        return self._data.startswith(b"]]><![CDATA[>", at) and self._data.endswith(b"]]", 0, at)

    def _in_entry(self, kind: bytes, start: int, end: int | None, *, is_refuted: bool) -> int | None:
        """The first tag of an entry that a section in an entry has swallowed, or None if it is an honest one.

        An honest one may speak of entries, but does not hold the beginning of another section behind them.
        """
        first, has_ended = None, False
        for token in _WITHIN[kind].finditer(self._data, start, len(self._data) if end is None else end):
            if token[2] is None:
                if first is not None and not self._is_quoted(token.end()):
                    return first
            elif first is None:
                first, has_ended = token.start(), bool(token[1])
        is_unended = is_refuted or (end is None and (has_ended or self._root_end >= start))
        return first if is_unended else None

    def _is_quoted(self, start: int) -> bool:
        """Whether the section that begins here is another one's text."""
        at = self._data.find(b"]]>", start, start + QUOTED_AT_MOST)
        return at >= 0 and self._is_escape(at)

    def _outside(self, kind: bytes, start: int, end: int | None) -> int | None:
        """The same of a section between entries: comments, unlike CDATA, may hold whole entries."""
        depth, first = 0, None
        for token in _WITHIN[kind].finditer(self._data, start, end) if end is not None else ():
            if token[2] is not None:
                first = token.start() if first is None else first
                depth += -1 if token[1] else 1
            elif first is not None and (depth <= 0 or kind == SECTION):
                self._left -= 1
                return first
        return None
