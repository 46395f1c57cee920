"""The spans of a feed's entries in its bytes, and the choice of the newest of very many."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from connectors.networks.feeds.dates import moment, newest_first
from connectors.networks.feeds.entities import ENTRIES_AT_MOST

ENTRY_AT_MOST: Final = 1024 * 1024
TAGS_AT_MOST: Final = 40_000  # tags outside of CDATA: such a flood takes a second or two
REFERENCES_AT_MOST: Final = 200_000
UNENDED_AT_MOST: Final = 5
"""Comments and sections without an end that are repaired in one document."""
DATES_AT_MOST: Final = 2_000
"""Entries at either end of a document whose dates are searched."""
LOOKED_AT: Final = 20_000
"""Bytes of an entry searched for its date."""

STARTS: Final = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_END: Final = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_DATE: Final = re.compile(
    rb"<(?:[\w.-]+:)?(?:pubDate|published|issued|created|date|updated|modified)\b[^<>]*>\s*(?:<!\[CDATA\[)?([^<\]]{4,60})",
    re.IGNORECASE,
)
_NO_MARKUP: Final = re.compile(rb"<!--|<!\[CDATA\[")
ROOT: Final = re.compile(rb"<((?:[\w.-]+:)?(?:rss|feed|rdf|channel))(?=[\s>])[^<>]*>", re.IGNORECASE)

Span = tuple[int, int]


class Chosen(NamedTuple):
    """A document with as many entries as are taken, and a sentence for each lost one.

    `numbers` are the original numbers of the entries that begin in it; `whole` means that it is not truncated.
    """

    data: bytes
    numbers: tuple[int, ...]
    lost: tuple[str, ...]
    whole: bool


class _Ended(NamedTuple):
    """A document without open entries; `removed` are the numbers of the entries that could not be ended."""

    data: bytes
    lost: tuple[str, ...] = ()
    removed: tuple[int, ...] = ()
    whole: bool = True


def chosen(data: bytes) -> Chosen:
    """The chosen part of a document: no half entry at its end, and no entry that leaves no room for others.

    Beyond two hundred, the oldest are left out: the last ones of most feeds and the first of some.
    """
    data, lost, removed, whole = _ended(data)
    markup, _ = masked(data)
    numbers = [_original(at, removed) for at in range(1, len(STARTS.findall(markup)) + 1)]
    spans = spans_of(markup)
    if not spans:
        return Chosen(_cut(data), tuple(numbers), lost, whole)
    begins = [start.start() for start in STARTS.finditer(markup)]
    order = _newest_first(data, spans) if len(spans) > ENTRIES_AT_MOST else spans
    tags, references, taken = TAGS_AT_MOST, REFERENCES_AT_MOST, []
    for start, end in order[:ENTRIES_AT_MOST]:
        tags_here, references_here = markup.count(b"<", start, end), markup.count(b"&", start, end)
        is_huge = end - start > ENTRY_AT_MOST
        if is_huge or tags_here > tags or references_here > references:
            why = f"it has more than {ENTRY_AT_MOST >> 20} MB" if is_huge else "there is too much markup in the feed"
            number = numbers[bisect_left(begins, start)]
            lost += (f"Unreadable entry {number}: {why}.",)
            continue
        tags, references = tags - tags_here, references - references_here
        taken.append((start, end))
    around = markup.count(b"<") - sum(markup.count(b"<", a, b) for a, b in spans)
    if len(taken) == len(spans) and around <= TAGS_AT_MOST:
        return Chosen(data, tuple(numbers), lost, whole)
    first, last = spans[0][0], spans[-1][1]
    pieces = [(0, first), *sorted(taken), (last, len(data))]
    starts = [start for start, _ in pieces]
    kept = [n for n, at in zip(numbers, begins, strict=True) if at < pieces[bisect_right(starts, at) - 1][1]]
    document = [_cut(data[:first]), *(data[a:b] for a, b in pieces[1:-1]), _cut(data[last:])]
    return Chosen(b"".join(document), tuple(kept), lost, whole)


def spans_of(markup: bytes) -> list[Span]:
    """The start and end of each entry in masked markup, without entries that never end."""
    found: list[Span] = []
    at = 0
    for end in _END.finditer(markup):
        start = STARTS.search(markup, at, end.start())
        if start is not None:
            found.append((start.start(), end.end()))
        at = end.end()
    return found


def _ended(data: bytes) -> _Ended:
    """The document without a truncated entry at its end, and without entries whose comment or section never ends."""
    lost: tuple[str, ...] = ()
    removed: tuple[int, ...] = ()
    markup, opener = masked(data)
    for _ in range(UNENDED_AT_MOST):
        root = ROOT.search(markup)
        if opener is None or root is None or not _ends(root, data, opener):
            break
        at = (spans_of(markup[:opener]) or [(0, 0)])[-1][1]
        begun = STARTS.search(markup, at, opener)
        end = _END.search(data, opener)
        if begun is None:  # between two entries: the rest is parsed as if it had not begun
            data = data[:opener] + _NO_MARKUP.sub(b"", data[opener:], count=1)
        elif end is None:
            break
        else:
            number = _original(len(STARTS.findall(markup, 0, begun.start())) + 1, removed)
            lost += (f"Unreadable entry {number}: a comment or a section in it never ends.",)
            removed = (*removed, number)
            data = data[: begun.start()] + data[end.end() :]
        markup, opener = masked(data)
    root = ROOT.search(markup)
    if root is None or root[0].endswith(b"/>") or _ends(root, markup, root.end()):
        return _Ended(data, lost, removed)
    spans = spans_of(markup)
    half = STARTS.search(markup, spans[-1][1] if spans else 0)
    cut = min((at for at in (half and half.start(), opener) if at is not None), default=len(data))
    last = _original(len(STARTS.findall(markup[: spans[-1][1]])), removed) if spans else 0
    where = f"after entry {last}" if last else "before its first entry has ended"
    return _Ended(
        data[:cut], (*lost, f"Truncated feed: it ends {where}, and the rest is missing."), removed, whole=False
    )


def _ends(root: re.Match[bytes], data: bytes, at: int) -> bool:
    return re.search(rb"</" + re.escape(root[1]) + rb"\s*>", data[at:], re.IGNORECASE) is not None


def _original(number: int, removed: Sequence[int]) -> int:
    """The number that an entry had before these were removed."""
    for each in sorted(removed):
        number += number >= each
    return number


def masked(data: bytes) -> tuple[bytes, int | None]:
    """The same bytes with comments and CDATA sections blanked, and the start of one that does not end."""
    parts, at = [], 0
    while begins := _NO_MARKUP.search(data, at):
        mark = b"-->" if begins[0] == b"<!--" else b"]]>"
        found = data.find(mark, begins.end())
        end = len(data) if found < 0 else found + len(mark)
        parts += [data[at : begins.start()], b" " * (end - begins.start())]
        if found < 0:
            return b"".join(parts), begins.start()
        at = end
    return b"".join([*parts, data[at:]]), None


def _cut(data: bytes) -> bytes:
    """The markup around entries, cut if it is longer than that of any real feed."""
    pieces = data.split(b"<", TAGS_AT_MOST + 1)
    return b"<".join(pieces[:-1]) if len(pieces) > TAGS_AT_MOST + 1 else data


def _newest_first(data: bytes, spans: Sequence[Span]) -> list[Span]:
    """The same in the order in which entries are taken; of thousands, the middle ones are not searched for dates."""
    few = range(DATES_AT_MOST, len(spans) - DATES_AT_MOST)
    dates = [
        None if at in few else _date(data[start : min(end, start + LOOKED_AT)]) for at, (start, end) in enumerate(spans)
    ]
    return [spans[at] for at in newest_first(dates)]


def _date(entry: bytes) -> datetime | None:
    found = _DATE.search(entry)
    return moment(found[1].decode("utf-8", "replace")) if found else None
