"""Raw messages of the whole network, screened before any is parsed: which may concern a wall. Pure.

Nothing that matters is left out: a message that can't be judged by its bytes passes, and is judged when it is read.
Only letters of mathematical alphabets are not taken as spellings of a hashtag.
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
SPELT: Final = frozenset({*range(0xC2, 0xCE), 0xE1, 0xEF})
"""First bytes of other spellings of ASCII letters, and of the wide `#`: most messages have none of them."""
UNSPELT: Final = bytes(byte for byte in range(256) if byte not in SPELT)
DID: Final = re.compile(rb'\s*\{\s*"did"\s*:\s*"([^"]{1,300})"')
USUAL: Final = re.compile(
    rb'\{"did":"([^"]{1,300})","time_us":\d+,"kind":"commit","commit":\{"rev":"[^"]*",'
    rb'"operation":"(?:create|update)","collection":"app\.bsky\.feed\.(post|repost)"'
)
"""The beginning of nearly all messages: (DID, kind of record)."""


class Screen:
    """The screen for some hashtags (in normal form) and accounts (DIDs)."""

    def __init__(self, tags: Collection[str] = (), dids: Collection[str] = ()) -> None:
        self._dids = frozenset(did.encode() for did in dids)
        self._plain = [tag.encode() for tag in sorted(tags)]
        self._spelt = _pattern(tags) if tags else None
        self._is_ascii = all(map(str.isascii, tags))

    def passes(self, message: bytes) -> bool:
        """Whether the message may be about one of these, or ends a post or an account that a wall may know."""
        usual = USUAL.match(message)
        if usual is None:
            return self._passes_unusual(message)
        if usual[1] in self._dids:
            return True
        if usual[2] == b"repost":
            return False  # only those by followed accounts are shown
        return self._spelt is not None and self._has_tag(message, self._spelt)

    def _passes_unusual(self, message: bytes) -> bool:
        """Whether a message that is not a new post in the usual form passes."""
        found = DID.match(message)
        if found is None or found[1] in self._dids:
            return True
        if b'"app.bsky.feed.repost"' in message[:400]:
            return False
        if b'"delete"' in message or (b'"account"' in message and b"false" in message):
            return True
        return self._spelt is not None and self._has_tag(message, self._spelt)

    def _has_tag(self, message: bytes, spelt: re.Pattern[bytes]) -> bool:
        """Search for the usual spelling first: most messages have no hashtag, and few another spelling of one."""
        is_spelt = not message.isascii() and (not self._is_ascii or message.translate(None, UNSPELT) != b"")
        if is_spelt or b"#" in message or b'"tags"' in message:
            lower = message.lower()
            if any(tag in lower and _is_signed(tag, lower) for tag in self._plain):
                return True
            if is_spelt and spelt.search(message):
                return True
        return b"\\" in message and ESCAPED.search(message) is not None


def _is_signed(tag: bytes, message: bytes) -> bool:
    """Whether the tag stands behind a sign in it: else a short one would be found in every second text."""
    return b'"' + tag in message or b"#" + tag in message


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
