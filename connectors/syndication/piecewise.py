"""A feed that is not well-formed XML, parsed entry by entry, so that a malformed entry changes no other.

feedparser has two parsers, and a single stray tag makes it parse the whole document with the loose one, which leaves
some references undecoded: ids would change, and posts with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain, islice, repeat
from typing import Any, Final, NamedTuple

from connectors.syndication.loose import decode_fields, prepare
from connectors.syndication.missing_ends import with_ends
from connectors.syndication.nesting import remains
from connectors.syndication.outline import AFTERWARDS, ROOT, is_well_formed, outline

Parse = Callable[[bytes], Any]

ROOTS_AT_MOST: Final = 4
PROLOG_AT_MOST: Final = 16_384
"""Bytes from the beginning in which the document type is searched: it is repeated around each entry."""

_PROLOG: Final = re.compile(rb"<!DOCTYPE[^<>\[]*(?:\[[^\]]*\]\s*)?>", re.IGNORECASE)


class Pieces(NamedTuple):
    """The parsed feed without its entries, each parsed entry with its number, and a sentence for each lost one."""

    feed: Any
    entries: list[tuple[int, Any]]
    lost: tuple[str, ...]


def numbered(entries: Sequence[Any], numbers: Sequence[int]) -> list[tuple[int, Any]]:
    """The entries with their numbers. feedparser may find more than have been counted: those have the number 0."""
    return list(zip(chain(numbers, repeat(0)), entries, strict=False))


def read_piecewise(data: bytes, numbers: Sequence[int], parse: Parse) -> Pieces | None:
    """Each entry parsed by itself; None if no entry of the document ends. `numbers` are those of its entries.

    Well-formed entries are parsed strictly, and together; each other one is parsed by itself.
    """
    found = outline(data)
    spans = found.spans
    if not spans:
        return None
    opening, closing = _root(data, found.markup, spans)
    sound = [span for span in spans if is_well_formed(opening + data[slice(*span)] + closing)]
    read = _together(opening, [data[slice(*span)] for span in sound], closing, parse)
    together = dict(zip(sound, read, strict=True)) if read else {}
    entries: list[tuple[int, Any]] = []
    lost: list[str] = []
    for (start, end), number in zip(spans, chain(numbers, repeat(0)), strict=False):
        entry = together.get((start, end)) or _alone(opening + with_ends(data[start:end]) + closing, parse)
        if entry is None:
            lost.append(f"Unreadable entry {number}: its markup is invalid.")
        else:
            entries.append((number, entry))
    return Pieces(_around(data, spans[0][0], closing, parse), entries, tuple(lost))


def _root(data: bytes, markup: bytes, spans: Sequence[tuple[int, int]]) -> tuple[bytes, bytes]:
    """The surroundings of an entry: the document type and the elements that are open where entries begin."""
    head = markup[: spans[0][0]]
    closed = {end[1]: end.start() for end in AFTERWARDS.finditer(head)}  # the last of each name
    begun = (tag for tag in ROOT.finditer(head) if not tag[0].endswith(b"/>"))
    tags = list(islice((tag for tag in begun if closed.get(tag[1], 0) < tag.end()), ROOTS_AT_MOST))
    if not tags:
        opening, closing = data[: spans[0][0]], data[spans[-1][1] :]
        return (opening, closing) if len(opening) + len(closing) <= PROLOG_AT_MOST else (b"", b"")
    prolog = _PROLOG.search(head, 0, min(tags[0].start(), PROLOG_AT_MOST))
    kept = prolog[0] if prolog else b""
    return b"".join([kept, *(tag[0] for tag in tags)]), b"".join(b"</" + tag[1] + b">" for tag in reversed(tags))


def _together(opening: bytes, texts: Sequence[bytes], closing: bytes, parse: Parse) -> list[Any]:
    """An entry for each text, or nothing if feedparser mixes them up."""
    if not texts:
        return []
    try:
        found = parse(opening + b"".join(texts) + closing)
    except Exception:  # noqa: BLE001  feedparser may raise anything over foreign bytes
        return []
    return [] if found.bozo or len(found.entries) != len(texts) else list(found.entries)


def _alone(text: bytes, parse: Parse) -> Any:
    found = _parsed(text, parse)
    return found.entries[0] if found is not None and found.entries else None


def _around(data: bytes, end: int, closing: bytes, parse: Parse) -> Any:
    """The feed without its entries, or None if feedparser fails: what an entry has left behind is not the feed's."""
    return _parsed(data[: remains(data, end)] + closing, parse)


def _parsed(text: bytes, parse: Parse) -> Any:
    try:
        if is_well_formed(text) and not (found := parse(text)).bozo:
            return found
        found = parse(prepare(text))
        if not found.bozo:  # the strict parser has read it after all
            return parse(text)
    except Exception:  # noqa: BLE001  feedparser may raise anything over foreign bytes
        return None
    for fields in (found.feed, *found.entries):
        decode_fields(fields)
    return found
