"""UTF-8 with some broken bytes: only these are mended, so that one entry changes no letter of another.

A wrong encoding shows by the runs of non-ASCII bytes: in a text of another encoding nearly every run is broken, and a
run that is valid UTF-8 by chance is short.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

LEGACY_RATIO: Final = 4
"""Broken runs for each valid one from which the text is in another encoding."""

_RUN: Final = re.compile(r"[^\x00-\x7f]+")
_BROKEN: Final = re.compile("[\udc80-\udcff]+")
"""Bytes that are not UTF-8, as Python's surrogateescape gives them (PEP 383)."""
_SURE: Final = re.compile("..|[\u0080-\u017f\u2000-\u22ff\U0001f000-\U0001faff]", re.DOTALL)
"""Characters whose bytes make no sense in a Western encoding: `Ã©`, `â€™`; `é »` is a single Chinese one."""
_SIGNS: Final = frozenset(b"\x82\x84\x85\x91\x92\x93\x94\x96\x97\xa0\xa1\xab\xb0\xb4\xbb\xbf")
"""Signs of Windows-1252 of which two may follow a letter."""
_CLOSING: Final = b"\x85\x92\x94\x96\x97\xa0\xab\xbb"
"""Signs of Windows-1252 behind a word: `AMANHÃ”` is a letter of UTF-8 by chance."""
_LETTER: Final = re.compile(
    "[\u0391-\u03c9\u0401\u0410-\u044f\u0451\u2300-\u2bff\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]"
)
"""Letters and signs of which one may stand alone; no word in Windows-1252 or -1250 has these bytes and no more."""
_NOWHERE: Final = frozenset(b"\x81\x83\x86\x87\x88\x89\x90\x98")
"""Bytes that stand for no letter, and for hardly a sign, in Windows-1252 and -1250."""
_STRONG: Final = re.compile("..|[\u0080-\u017f\u0800-\U0010ffff]", re.DOTALL)
"""More than a single pair of bytes, which may be a letter of a Chinese or Cyrillic encoding."""
_PAIR: Final = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
"""A character beyond U+FFFF as two halves of a surrogate pair (CESU-8)."""
_WESTERN: Final = re.compile(
    rb"[\x80\x82\x84\x85\x91-\x97\xa0\xa1\xa3\xa7\xab\xb0\xb4\xbb\xbf]"
    rb"|[\x91-\x93\xa0\xa1\xab\xbf]?(?:[\xc0-\xd6\xd8-\xf6\xf8-\xfe]+|[\x8a\x8c\x8e\x9a\x9c\x9e\x9f\xdf])"
    rb"(?:[\x85\x92\x94\x96\x97\xab\xbb]|\xa0[\x96\x97\xab\xbb]?)?"
)
"""Letters and signs of Windows-1252, and nothing that looks like a truncated character of UTF-8."""
_ALONE: Final = re.compile(rb"[\x80\x85\x95-\x97\xa0\xab\xbb]{1,2}")
"""Signs of Windows-1252 that may stand alone …"""
_WORD: Final = re.compile(rb"[\xc0\xc8\xe0\xe5\xe8\xe9\xf2\xf3\xf6]")
"""… and words of one letter."""


class _Runs(NamedTuple):
    """How many runs are broken, how many of these are single bytes, and how many others are UTF-8 for sure.

    The `strong` ones are not a letter of Chinese or Cyrillic by chance, the `sure` ones not Western letters; a
    `doubtful` one may be the end of a word in capitals and a sign. A `likely` one is hardly a word of another encoding,
    but a single one shows nothing where many runs are broken.
    """

    broken: int
    single: int
    strong: int
    sure: int
    doubtful: int
    likely: int


def mend_bytes(body: bytes, *, declares_utf8: bool) -> bytes:
    """The text with its broken bytes as Windows-1252 letters or U+FFFD; the same bytes if it is not UTF-8.

    If it `declares_utf8`, some valid runs are enough; else most have to be valid.
    """
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        text = _PAIR.sub(_joined, body).decode("utf-8", "surrogateescape")
        return _BROKEN.sub(_mended, text).encode() if _is_utf8(_count(text), declares_utf8=declares_utf8) else body
    return body


def _is_utf8(runs: _Runs, *, declares_utf8: bool) -> bool:
    if not declares_utf8:
        return runs.strong > runs.broken
    if runs.single * 2 > runs.broken:  # else it is a Western encoding
        return runs.sure > 0 or runs.doubtful > runs.broken or runs.likely >= runs.broken
    return runs.strong * LEGACY_RATIO >= runs.broken


def _count(text: str) -> _Runs:
    broken = single = strong = sure = doubtful = likely = 0
    for found in _RUN.finditer(text):
        run = found[0]
        if _BROKEN.search(run):
            broken += 1
            single += len(run) == 1
        else:
            strong += _STRONG.search(run) is not None
            is_doubtful = _ends_capitals(found)
            doubtful += is_doubtful
            likely += _is_likely(found)
            sure += not is_doubtful and (_SURE.search(run) is not None or _is_sign(found))
    return _Runs(broken, single, strong, sure, doubtful, likely)


def _is_likely(run: re.Match[str]) -> bool:
    """Whether it is a letter or sign alone, or has a byte that other encodings hardly use."""
    before, after = run.string[run.start() - 1 : run.start()], run.string[run.end() : run.end() + 1]
    is_alone = not (before.isalpha() or after.isalpha()) and _LETTER.fullmatch(run[0])
    return bool(is_alone) or not _NOWHERE.isdisjoint(run[0].encode())


def _is_sign(run: re.Match[str]) -> bool:
    """Whether it is a sign such as ✅ or ★ behind a blank: in a Western encoding, â with two signs behind it."""
    found, before = run[0].encode(), run.string[run.start() - 1 : run.start()]
    is_symbol = len(found) == 3 and found[0] == ord("â".encode("cp1252"))  # noqa: PLR2004  bytes
    return is_symbol and not before.isalnum() and not _SIGNS.issuperset(found[1:])


def _ends_capitals(run: re.Match[str]) -> bool:
    """Whether a letter may be a capital of Windows-1252 and a sign, as they end a word."""
    before, after = run.string[run.start() - 1 : run.start()], run.string[run.end() : run.end() + 1]
    found = run[0].encode()
    return len(found) == 2 and found[1] in _CLOSING and before.isupper() and not after.isalnum()  # noqa: PLR2004  bytes


def _joined(pair: re.Match[bytes]) -> bytes:
    halves = pair[0].decode("utf-8", "surrogatepass")
    return halves.encode("utf-16", "surrogatepass").decode("utf-16").encode()


def _mended(run: re.Match[str]) -> str:
    """The broken bytes as letters if they are plainly Windows-1252, else U+FFFD once."""
    found = run[0].encode("utf-8", "surrogateescape")
    before, after = run.string[run.start() - 1 : run.start()], run.string[run.end() : run.end() + 1]
    is_in_word = any(each.isascii() and each.isalnum() for each in (before, after))
    is_alone = _ALONE.fullmatch(found) or (_WORD.fullmatch(found) and before.isspace() and after.isspace())
    is_capital = before.islower() and b"\xc0" <= found[:1] < b"\xdf"  # a truncated character, as in `Caf\xc3...`
    if is_alone or (is_in_word and not is_capital and _WESTERN.fullmatch(found)):
        return found.decode("cp1252", "replace")
    return "\ufffd"
