"""Custom emoji in text: finding and drawing the `:code:`s that a post declares. Pure.

`web/ui/lib/emoji.ts` is the same algorithm for plain text; tests/fixtures/emoji.json tests both.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from itertools import islice
from typing import Final

from aggregator.items.wire import Picture

MAX_DRAWN: Final = 100
"""Emoji drawn in one post, its quote included; further ones remain text."""
MARKUP: Final = re.compile(r"""<(?:[^"'>]|"[^"]*"|'[^']*')*+>""")
TIME: Final = r"[0-9]{1,2}(?::[0-9]{2}){1,2}(?![0-9])"
COLON: Final = re.compile(f"{MARKUP.pattern}|{TIME}|(:)")
NOT_IN_CODE: Final = re.compile(r"""[\s<>&"']""")
NO_SPACES_FROM: Final = "\u0e00"
"""Scripts from here on (Thai, Han, kana, …) have no spaces between words, so a code may stand between letters."""

Span = tuple[int, int]


def written(words: str, named: Collection[str]) -> set[str]:
    """Return the named codes that the text has between two colons, drawn or not."""
    return set(words.split(":")[1:-1]).intersection(named) if named else set()


def codes(text: str, named: Collection[str]) -> Iterator[Span]:
    """Yield (start, end), colons included, of each named `:code:` in the text outside tags.

    Inside a word, between further colons or in a time of day it does not count: `a:b:c`, `::b::`, `10:30`.
    """
    run: list[Span] = []
    for start, end in _between_colons(text, named):
        if run and run[-1][1] != start:
            yield from _standing_free(text, run)
            run = []
        run.append((start, end))
    yield from _standing_free(text, run)


def _between_colons(text: str, named: Collection[str]) -> Iterator[Span]:
    """Yield the spans of named codes. Each colon opens or closes one code; colons in tags and times are skipped."""
    opened = -1
    for match in COLON.finditer(text):
        if not match[1]:
            opened = -1
        elif opened >= 0 and _is_code(text[opened + 1 : match.start()], named):
            yield opened, match.end()
            opened = -1
        else:
            opened = match.start()


def _is_code(between: str, named: Collection[str]) -> bool:
    return bool(between) and between in named and not NOT_IN_CODE.search(between)


def _standing_free(text: str, run: Sequence[Span]) -> Sequence[Span]:
    """Return the adjacent codes, or none of them if they are part of a word or of further colons."""
    if not run:
        return run
    before, after = text[run[0][0] - 1 : run[0][0]], text[run[-1][1] : run[-1][1] + 1]
    free = ":" not in (before, after) and not (_is_of_a_word(before) and _is_of_a_word(after))
    return run if free else ()


def with_emojis(html: str, emojis: Mapping[str, Picture], *, most: int = MAX_DRAWN) -> tuple[str, int]:
    """Return safe HTML with the first `most` codes replaced by stored pictures, and the number of these."""
    drawn = list(islice(codes(html, emojis), most)) if emojis else []
    parts: list[str] = []
    at = 0
    for start, end in drawn:
        parts += [html[at:start], _image(html[start + 1 : end - 1], emojis)]
        at = end
    return "".join([*parts, html[at:]]), len(drawn)


def _is_of_a_word(char: str) -> bool:
    return char.isalnum() and char < NO_SPACES_FROM


def _image(code: str, emojis: Mapping[str, Picture]) -> str:
    picture, name = emojis[code], escape(code)
    return (
        f'<img class="emoji" src="/media/{picture.id}/s.webp" alt=":{name}:" title=":{name}:"'
        f' width="{picture.width}" height="{picture.height}" loading="lazy">'
    )
