"""The outline of a feed's bytes: its markup, and where each entry begins and ends.

A well-formed document is taken as XML says: a section may quote the tags of entries, and an entry may hold others.
In any other, the start of an entry ends the one before it, which has lost its end.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from xml.parsers import expat

from connectors.syndication.nesting import remains
from connectors.syndication.sections import ENTRY_TAG, MARKS, Sections

ROOT: Final = re.compile(rb"<((?:[\w.-]+:)?(?:rss|feed|rdf|channel))(?=[\s>])[^<>]*>", re.IGNORECASE)
AFTERWARDS: Final = re.compile(rb"</((?:[\w.-]+:)?(?:channel|rss|feed|rdf))\s*>", re.IGNORECASE)

_TOKEN: Final = re.compile(b"|".join([*map(re.escape, MARKS), ENTRY_TAG]))


class Span(NamedTuple):
    """An entry. `fault` says why it is unreadable; `closing` is the end tag that it lacks.

    `may_hide` means that a section in it ends where it seems to be another entry's.
    """

    start: int
    end: int
    fault: str = ""
    closing: bytes = b""
    may_hide: bool = False


class Outline(NamedTuple):
    """A document and its parts.

    `data` is the document, without the beginnings of comments that never end between entries. `markup` is the same
    with sections blanked, `half` the beginning of the entry or section in which it breaks off.
    """

    data: bytes
    markup: bytes
    entries: tuple[Span, ...]
    half: int | None

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The start and end of each entry that has both."""
        return [(entry.start, entry.end) for entry in self.entries if not (entry.fault or entry.closing)]


def is_well_formed(data: bytes) -> bool:
    """Whether a namespace-aware XML parser accepts the document."""
    try:
        expat.ParserCreate("utf-8", " ").Parse(data, True)  # noqa: FBT003  expat takes no keywords
    except (expat.ExpatError, ValueError):
        return False
    return True


def outline(data: bytes) -> Outline:
    """The outline of a document, in time that grows with its length."""
    is_sound = is_well_formed(data)
    entries, sections = _Entries(data, nest=is_sound), Sections(data, is_sound=is_sound)
    document, masked, at, half = bytearray(data), bytearray(data), 0, None
    while token := _TOKEN.search(data, at):
        start, at = token.span()
        if token[2] is not None:
            end = data.find(b">", at) + 1 or len(data)
            entries.take(token[2], start, end, closes=bool(token[1]), is_empty=data.startswith(b"/>", end - 2))
            continue
        section = sections.end_of(token[0], at, entry=entries.begun)
        if section is None:
            half = start
        elif section.is_whole:
            entries.may_hide |= section.may_hide
        elif not entries.unended(section.own_end):
            document[start:at] = b" " * (at - start)  # parsed as if it had not begun
        at = section.end if section else len(data)
        masked[start:at] = b" " * (at - start)
    markup = bytes(masked)
    begun = entries.begun
    root = ROOT.search(markup)
    if root is not None and not root[0].endswith(b"/>") and not _ends(root, markup):
        half = min((at for at in (begun, half) if at is not None), default=len(data))
        return Outline(bytes(document), markup, tuple(entries.found), half)
    if begun is not None:
        after = AFTERWARDS.search(markup, begun)
        entries.end(after.start() if after else len(data))
    return Outline(bytes(document), markup, tuple(entries.found), None)


def _ends(root: re.Match[bytes], markup: bytes) -> bool:
    closing = re.compile(rb"</" + re.escape(root[1]) + rb"\s*>", re.IGNORECASE)
    return closing.search(markup, root.end()) is not None


def _name_of_entries(data: bytes) -> bytes:
    """What entries are called below this root, if any is called so: a stray tag of the other name begins none."""
    root = ROOT.search(data)
    name = b"entry" if root and root[1].lower().endswith(b"feed") else b"item" if root else b""
    return name if b"<" + name in data or b":" + name in data else b""


class _Entries:
    """The entries found so far, tag by tag. Where they `nest`, the outer ones count."""

    def __init__(self, data: bytes, *, nest: bool) -> None:
        self._data = data
        self._only = b"" if nest else _name_of_entries(data)
        self.found: list[Span] = []
        self.begun: int | None = None
        self.may_hide = False
        self._nest = nest
        self._depth = 0
        self._name, self._fault = b"", ""
        self._doubtful_before = 0

    @property
    def is_open(self) -> bool:
        return self.begun is not None

    def unended(self, own_end: int) -> bool:
        """Whether an entry is open: it is unreadable, since a comment or a section that never ends begins here.

        What begins before `own_end` may be its text, if that is not refuted: it is not known, and not read either.
        """
        if self.is_open:
            self._fault = "a comment or a section in it never ends"
            self._doubtful_before = own_end
        return self.is_open

    def take(self, name: bytes, start: int, end: int, *, closes: bool, is_empty: bool) -> None:
        """Take a tag of an entry. One of another name inside an entry belongs to its content."""
        if self._nest and self.is_open:
            self._depth += -1 if closes else not is_empty
            if not self._depth:
                self._add(end, b"")
            return
        if (self.is_open and name.lower() != self._name.lower()) or not name.lower().endswith(self._only):
            return
        if closes and self.is_open:
            self._add(end, b"")
        elif closes:
            begun = self.found[-1].end if self.found else remains(self._data, start)
            self.found.append(Span(begun, end, "its beginning is missing"))
        else:
            if self.is_open:
                self.end(start)
            self.begun, self._name, self._depth, self.may_hide = start, name, 1, False
            is_doubtful = start < self._doubtful_before
            self._fault = "a comment or a section before it never ends" if is_doubtful else ""
            if is_empty:
                self._add(end, b"")

    def end(self, at: int) -> None:
        """End the open entry, which has no end tag."""
        self._add(at, b"</" + self._name + b">")

    def _add(self, end: int, closing: bytes) -> None:
        self.found.append(Span(self.begun or 0, end, self._fault, closing, self.may_hide))
        self.begun, self._fault, self.may_hide = None, "", False
