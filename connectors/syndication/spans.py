"""The choice of a feed's entries in its bytes: whole ones, no more than are taken, the newest of very many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from xml.parsers import expat

from connectors.syndication.dates import moment, newest_first
from connectors.syndication.entities import ENTRIES_AT_MOST
from connectors.syndication.outline import Outline, Span, outline

ENTRY_AT_MOST: Final = 1024 * 1024
TAGS_AT_MOST: Final = 40_000  # tags outside of CDATA: such a flood takes a second or two
REFERENCES_AT_MOST: Final = 200_000
DATES_AT_MOST: Final = 2_000
"""Entries at either end of a document whose dates are searched."""
LOOKED_AT: Final = 20_000
"""Bytes of an entry searched for its date."""

_DATE: Final = re.compile(
    rb"<(?:[\w.-]+:)?(?:pubDate|published|issued|created|date|updated|modified)\b[^<>]*>\s*(?:<!\[CDATA\[)?([^<\]]{4,60})",
    re.IGNORECASE,
)


class Chosen(NamedTuple):
    """A document with as many entries as are taken, and a sentence for each lost one.

    `numbers` are the original numbers of the entries that begin in it; `whole` means that it is not truncated.
    """

    data: bytes
    numbers: tuple[int, ...]
    lost: tuple[str, ...]
    whole: bool


def chosen(data: bytes) -> Chosen:
    """The chosen part of a document: no half entry, and no entry that leaves no room for others.

    Beyond two hundred, the oldest are left out: the last ones of most feeds and the first of some.
    """
    found = outline(data)
    data, lost = found.data[: found.half], _broken_off(found)
    if not found.entries:
        return Chosen(_cut(data), (), lost, found.half is None)
    order = _newest_first(data, found.entries) if len(found.entries) > ENTRIES_AT_MOST else range(len(found.entries))
    taken, unread = _taken(data, found, order[:ENTRIES_AT_MOST])
    lost = tuple(f"Unreadable entry {number + 1}: {why}." for number, why in sorted(unread.items())) + lost
    hiding = (number for number, entry in enumerate(found.entries, 1) if entry.may_hide)
    lost += tuple(f"Entry {number} may hide others: a comment or a section in it never ends." for number in hiding)
    around = found.markup.count(b"<") - sum(found.markup.count(b"<", *entry[:2]) for entry in found.entries)
    if len(taken) == len(found.entries) and around <= TAGS_AT_MOST and not any(e.closing for e in found.entries):
        return Chosen(data, tuple(range(1, len(taken) + 1)), lost, found.half is None)
    texts = [data[entry.start : entry.end] + entry.closing for entry in (found.entries[at] for at in taken)]
    head, tail = data[: found.entries[0].start], data[found.entries[-1].end :]
    numbers = tuple(at + 1 for at in taken)
    return Chosen(b"".join([_cut(head), *texts, _cut(tail)]), numbers, lost, found.half is None)


def _taken(data: bytes, found: Outline, order: Sequence[int]) -> tuple[list[int], dict[int, str]]:
    """The entries that are taken, in the order of the document, and why each other one is not."""
    tags, references, taken, unread = TAGS_AT_MOST, REFERENCES_AT_MOST, [], {}
    for at in order:
        start, end, why, closing, _ = found.entries[at]
        tags_here, references_here = (found.markup.count(sign, start, end) for sign in (b"<", b"&"))
        if end - start > ENTRY_AT_MOST:
            why = f"it has more than {ENTRY_AT_MOST >> 20} MB"
        elif not why and (tags_here > tags or references_here > references):
            why = "there is too much markup in the feed"
        elif not why and closing and not _is_complete(data[start:end] + closing):
            why = "its end is missing"
        if why:
            unread[at] = why
            continue
        tags, references = tags - tags_here, references - references_here
        taken.append(at)
    return sorted(taken), unread


def _is_complete(entry: bytes) -> bool:
    """Whether an entry lacks nothing but the end tag that we have added."""
    try:
        expat.ParserCreate("utf-8").Parse(entry, True)  # noqa: FBT003  expat takes no keywords
    except (expat.ExpatError, ValueError):
        return False
    return True


def _broken_off(found: Outline) -> tuple[str, ...]:
    if found.half is None:
        return ()
    where = f"after entry {len(found.entries)}" if found.entries else "before its first entry has ended"
    return (f"Truncated feed: it ends {where}, and the rest is missing.",)


def _cut(data: bytes) -> bytes:
    """The markup around entries, cut if it is longer than that of any real feed."""
    pieces = data.split(b"<", TAGS_AT_MOST + 1)
    return b"<".join(pieces[:-1]) if len(pieces) > TAGS_AT_MOST + 1 else data


def _newest_first(data: bytes, entries: Sequence[Span]) -> list[int]:
    """The entries in the order in which they are taken; of thousands, the middle ones are not searched for dates."""
    few = range(DATES_AT_MOST, len(entries) - DATES_AT_MOST)
    return newest_first([None if at in few else _date(data, entry) for at, entry in enumerate(entries)])


def _date(data: bytes, entry: Span) -> datetime | None:
    found = _DATE.search(data, entry.start, min(entry.end, entry.start + LOOKED_AT))
    return moment(found[1].decode("utf-8", "replace")) if found else None
