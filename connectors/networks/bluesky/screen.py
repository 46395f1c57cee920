"""Raw messages of the whole network, screened before any is parsed: which may concern a wall. Pure.

Nothing that matters is left out: a message that can't be judged by its bytes passes, and is judged when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from itertools import chain
from typing import Final
from unicodedata import normalize

from connectors.text.hashtags import fold

BEFORE: Final = rb'["#\xef\xbc\x83]'
"""What stands before a hashtag: the quotation mark of a facet or a list, or a sign in the text (`#`, or U+FF03)."""
MARKS: Final = rb"(?:\xcc[\x80-\xbf]|\xcd[\x80-\xaf])*"
"""Combining marks (U+0300 to U+036F), which may follow a letter."""
ESCAPED: Final = re.compile(rb"\\u(?!003[cef]|0026|00[01]|202[89])")
"""A letter that is written as an escape. Jetstream escapes only signs and controls."""
SPELLINGS: Final = (range(0xA1, 0x530), range(0x1E00, 0x2000), range(0x2C60, 0x2C80), range(0xFF01, 0xFFDD))
"""Where letters stand that hashtags treat alike: with marks, of full or half width, in capitals."""
VOICED: Final = [kana + mark for kana in map(chr, range(0xFF66, 0xFF9E)) for mark in "\uff9e\uff9f"]
"""Kana of half width with a mark of their own, which is one letter in the normal form."""
DID: Final = re.compile(rb'\s*\{\s*"did"\s*:\s*"([^"]{1,300})"')


class Screen:
    """The screen for some hashtags (in normal form) and accounts (DIDs)."""

    def __init__(self, tags: Collection[str] = (), dids: Collection[str] = ()) -> None:
        self._dids = frozenset(did.encode() for did in dids)
        self._tags = _pattern(tags) if tags else None

    def passes(self, message: bytes) -> bool:
        """Whether the message may be about one of these, or ends a post or an account that a wall may know."""
        found = DID.match(message)
        if found is None or found[1] in self._dids:
            return True
        if b'"app.bsky.feed.repost"' in message[:300]:
            return False  # only those by followed accounts are shown
        if b'"operation":"delete"' in message or (b'"kind":"account"' in message and b'"active":false' in message):
            return True
        if self._tags is None:
            return False
        return self._tags.search(message) is not None or ESCAPED.search(message) is not None


def _pattern(tags: Collection[str]) -> re.Pattern[bytes]:
    return re.compile(BEFORE + b"(?:" + b"|".join(map(_spelled, sorted(tags))) + b")")


def _spelled(tag: str) -> bytes:
    """A pattern of all spellings of a hashtag."""
    return b"".join(_letter(letter) for letter in tag)


@cache
def _letter(letter: str) -> bytes:
    alike = {letter, letter.upper(), normalize("NFD", letter), *_alike().get(letter, ())}
    plain = b"".join(re.escape(each.encode()) for each in sorted(alike) if each.isascii() and len(each) == 1)
    others = [re.escape(each.encode()) for each in sorted(alike) if not each.isascii()]
    choices = [b"[" + plain + b"]"] if plain else []
    return b"(?:" + b"|".join([*choices, *others]) + b")" + MARKS


@cache
def _alike() -> dict[str, list[str]]:
    """A letter in its normal form → its other spellings."""
    found: dict[str, list[str]] = {}
    for letter in chain(*(map(chr, block) for block in SPELLINGS), VOICED):
        found.setdefault(fold(letter), []).append(letter)
    return found
