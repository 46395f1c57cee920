"""Custom emoji in words: which `:code:` of a text is one of those that its post names. Pure.

`web/ui/lib/emoji.ts` is the same algorithm for words that are not HTML; tests/fixtures/emoji.json holds both to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from itertools import islice
from typing import Final

from aggregator.items.wire import Picture

MAX_DRAWN: Final = 100
"""Pictures that one post's words may carry, with those that it quotes: what comes after stays words."""
MARKUP: Final = re.compile(r"""<(?:[^"'>]|"[^"]*"|'[^']*')*+>""")
TIME: Final = r"[0-9]{1,2}(?::[0-9]{2}){1,2}(?![0-9])"
COLON: Final = re.compile(f"{MARKUP.pattern}|{TIME}|(:)")
NOT_IN_CODE: Final = re.compile(r"""[\s<>&"']""")
NO_SPACES_FROM: Final = "\u0e00"
"""Scripts from here on (Thai, Han, kana, …) write words without a space between them: a code may stand amid letters."""

Span = tuple[int, int]


def written(words: str, named: Collection[str]) -> set[str]:
    """Those of the named codes that the words hold between two colons, drawn or not."""
    return set(words.split(":")[1:-1]).intersection(named) if named else set()


def codes(text: str, named: Collection[str]) -> Iterator[Span]:
    """(start, end) of each `:code:` in the text, tags apart, whose code is one of the named; colons included.

    One amid a word, amid colons or in a time of day is none: `a:b:c`, `::b::`, `10:30`.
    """
    run: list[Span] = []
    for start, end in _between_colons(text, named):
        if run and run[-1][1] != start:
            yield from _standing_free(text, run)
            run = []
        run.append((start, end))
    yield from _standing_free(text, run)


def _between_colons(text: str, named: Collection[str]) -> Iterator[Span]:
    """What stands between two colons and is named. Each colon opens or closes one code; tags and times have none."""
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
    """Codes side by side, or none of them where they are a part of something else."""
    if not run:
        return run
    before, after = text[run[0][0] - 1 : run[0][0]], text[run[-1][1] : run[-1][1] + 1]
    free = ":" not in (before, after) and not (_is_of_a_word(before) and _is_of_a_word(after))
    return run if free else ()


def with_emojis(html: str, emojis: Mapping[str, Picture], *, most: int = MAX_DRAWN) -> tuple[str, int]:
    """Safe HTML with the first `most` codes of its text drawn as the pictures that we keep, and how many those are."""
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
