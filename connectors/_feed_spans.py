"""Where the entries of a feed begin and end in its bytes, and which of very many are the newest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from connectors._feed_shape import ENTRIES_AT_MOST

BYTES_AT_MOST: Final = 2 * 1024 * 1024
ENTRY_AT_MOST: Final = 1024 * 1024
LOOKED_AT: Final = 20_000
"""Bytes of an entry that are searched for its date."""

_START: Final = re.compile(rb"<(?:\w+:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_END: Final = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_DATE: Final = re.compile(
    rb"<(?:\w+:)?(?:pubDate|published|issued|created|date|updated|modified)\b[^<>]*>\s*(?:<!\[CDATA\[)?([^<\]]{4,60})",
    re.IGNORECASE,
)

_NO_MARKUP: Final = re.compile(rb"<!--|<!\[CDATA\[")
_ROOT_BEGINS: Final = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_ROOT_ENDS: Final = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)

Span = tuple[int, int]


class Chosen(NamedTuple):
    """A document with as many entries as we take, and a sentence for each that is lost."""

    data: bytes
    lost: tuple[str, ...] = ()


def entries(data: bytes) -> list[Span]:
    """Where each entry begins and ends. One that does not end is none."""
    found: list[Span] = []
    at = 0
    for end in _END.finditer(data):
        start = _START.search(data, at, end.start())
        if start is not None:
            found.append((start.start(), end.end()))
        at = end.end()
    return found


def count(data: bytes) -> int:
    """How many entries begin, whether or not they end."""
    return len(_START.findall(_markup(data)))


def chosen(data: bytes) -> Chosen:
    """What we take of a document: neither half an entry at its end, nor one that leaves no room for others."""
    data, lost = _whole(data)
    spans = entries(data)
    huge = [at for at, (start, end) in enumerate(spans) if end - start > ENTRY_AT_MOST]
    lost += tuple(f"Entry {at + 1} could not be read: it has more than {ENTRY_AT_MOST >> 20} MB." for at in huge)
    for at in reversed(huge):
        data = data[: spans[at][0]] + data[spans[at][1] :]
    return Chosen(newest(data), lost)


def _whole(data: bytes) -> Chosen:
    """The document without the entry in which it breaks off, and a sentence for that; any other as it is."""
    bare = _markup(data)
    if not _ROOT_BEGINS.search(bare) or _ROOT_ENDS.search(bare):
        return Chosen(data)
    spans = entries(data)
    half = _START.search(data, spans[-1][1] if spans else 0)
    where = f"after entry {len(spans)}" if spans else "before its first entry has ended"
    sentence = f"The feed breaks off {where}: what follows is not known."
    return Chosen(data[: half.start()] if half else data, (sentence,))


def _markup(data: bytes) -> bytes:
    """Without comments and CDATA sections, and what follows one that does not end."""
    parts, at = [], 0
    while begins := _NO_MARKUP.search(data, at):
        parts.append(data[at : begins.start()])
        mark = b"-->" if begins[0] == b"<!--" else b"]]>"
        end = data.find(mark, begins.end())
        if end < 0:
            return b"".join(parts)
        at = end + len(mark)
    return b"".join([*parts, data[at:]])


def newest(data: bytes) -> bytes:
    """The document with only as many entries as we take, with what stands before and after them.

    The first ones, as feeds have it, or the last where dates rise: some programs append at the end. Older ones beyond
    two hundred, or beyond two megabytes together, are left out.
    """
    spans = entries(data)
    if not spans:
        return data[:BYTES_AT_MOST]
    size = sum(end - start for start, end in spans)
    if len(spans) <= ENTRIES_AT_MOST and size <= BYTES_AT_MOST:
        return data[: spans[0][0]][:BYTES_AT_MOST] + data[spans[0][0] :][: 2 * BYTES_AT_MOST]
    rises = _rises(data, spans)
    taken, room = [], BYTES_AT_MOST
    for start, end in (spans[::-1] if rises else spans)[:ENTRIES_AT_MOST]:
        room -= end - start
        if room < 0:
            break
        taken.append(data[start:end])
    kept = taken[::-1] if rises else taken
    return data[: spans[0][0]][:BYTES_AT_MOST] + b"".join(kept) + data[spans[-1][1] :][:BYTES_AT_MOST]


def _rises(data: bytes, spans: Sequence[Span]) -> bool:
    first, last = (_date(data[start:end][:LOOKED_AT]) for start, end in (spans[0], spans[-1]))
    return first is not None and last is not None and last > first


def _date(entry: bytes) -> datetime | None:
    found = _DATE.search(entry)
    return moment(found[1].decode("utf-8", "replace").strip()) if found else None


def moment(text: str) -> datetime | None:
    """A date of RFC 822 or ISO 8601, in UTC; None for what is neither."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(text)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
