"""Custom emoji in words: which `:code:` of a text is one of those that its post names. Pure.

`web/ui/lib/emoji.ts` is the same algorithm for words that are not HTML; tests/fixtures/emoji.json holds both to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from html import escape
from typing import Final

from aggregator.items.body import Picture

MAX_DRAWN: Final = 100
"""Pictures that one post's words may carry, with those that it quotes: what comes after stays words."""
MARKUP: Final = re.compile(r"""<(?:[^"'>]|"[^"]*"|'[^']*')*+>""")
TIME: Final = r"[0-9]{1,2}(?::[0-9]{2}){1,2}(?![0-9])"
NOT_IN_CODE: Final = re.compile(r"""[\s:<>&"']""")
NO_SPACES_FROM: Final = "\u0e00"
"""Scripts from here on (Thai, Han, kana, …) write words without a space between them: a code may stand amid letters."""


def codes(text: str, named: Collection[str]) -> Iterator[tuple[int, int]]:
    """(start, end) of each `:code:` in the text, tags apart, whose code is one of the named; colons included.

    The longest code counts. One amid a word, amid colons or in a time of day is none: `a:b:c`, `::b::`, `10:30`.
    """
    known = sorted((code for code in named if code and not NOT_IN_CODE.search(code)), key=len, reverse=True)
    if not known:
        return
    code = ":(?:" + "|".join(map(re.escape, known)) + "):"
    for match in re.finditer(f"{MARKUP.pattern}|{TIME}|(?P<run>(?:{code})+)", text):
        if match["run"] and _stands_free(text, *match.span()):
            yield from (one.span() for one in re.compile(code).finditer(text, *match.span()))


def with_emojis(html: str, emojis: Mapping[str, Picture], *, most: int = MAX_DRAWN) -> str:
    """Safe HTML with the first `most` codes of its text, not of its tags, drawn as the pictures that we keep."""
    parts: list[str] = []
    at = 0
    for (start, end), _ in zip(codes(html, emojis), range(most), strict=False):
        parts += [html[at:start], _image(html[start + 1 : end - 1], emojis)]
        at = end
    return "".join([*parts, html[at:]])


def _stands_free(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return ":" not in (before, after) and not (_is_of_a_word(before) and _is_of_a_word(after))


def _is_of_a_word(char: str) -> bool:
    return char.isalnum() and char < NO_SPACES_FROM


def _image(code: str, emojis: Mapping[str, Picture]) -> str:
    picture, name = emojis[code], escape(code)
    return (
        f'<img class="emoji" src="/media/{picture.id}/s.webp" alt=":{name}:" title=":{name}:"'
        f' width="{picture.width}" height="{picture.height}" loading="lazy">'
    )
