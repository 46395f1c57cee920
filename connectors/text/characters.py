"""Normalised characters: no text turns its card around, towers over its line or hides in invisible characters.

`html.py` calls it for each run of text.
"""

from __future__ import annotations

import re
import unicodedata

MARKS_IN_A_ROW = 5  # Hebrew with cantillation, Thai and Tibetan need four; more is a tower
INVISIBLE_IN_A_ROW = 2  # emoji sequences and Persian need one joiner between two letters

_OPENS = frozenset("\u2066\u2067\u2068")
_CLOSES = "\u2069"
_DROPPED = frozenset("\u202a\u202b\u202c\u202d\u202e\ufff9\ufffa\ufffb\U000e0001")
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\U00013441\U00013442\U0001d159")
"""Letters and signs by category, nothing to the eye."""
_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_PLAIN = re.compile(r"[\n -~]*")


def normalise(text: str) -> str:
    """The same text with hostile runs cut short: bidirectional overrides, stacked marks, invisible characters.

    Isolates (U+2066…2069) stay if they are balanced within `text`, since honest right-to-left posts use them;
    embeddings and overrides (U+202A…202E) go. Normalising twice changes nothing.
    """
    if _PLAIN.fullmatch(text):
        return text
    return _balance(_thin(_LINE_ENDS.sub("\n", replace_surrogates(text))))


def visible(text: str) -> str:
    """The text on a single line; empty if it has no visible character."""
    shown = " ".join(normalise(text).split())
    return shown if is_visible(shown) else ""


def replace_surrogates(text: str) -> str:
    """The same text with U+FFFD for each half of a surrogate pair, which no encoding can carry."""
    return _SURROGATES.sub("\ufffd", text)


def is_control(char: str) -> bool:
    """Whether a character is a control character, or half of a surrogate pair: no text has a use for it."""
    return unicodedata.category(char) in {"Cc", "Cs"}


def is_visible(text: str) -> bool:
    """Whether the text has a visible character: a name of spaces, joiners or stray marks is not a name."""
    if text[:1].isascii() and text[:1].isalnum():
        return True
    return any(char not in _BLANKS and unicodedata.category(char)[0] in "LNPS" for char in text)


def _thin(text: str) -> str:
    kept: list[str] = []
    marks = invisible = 0
    for char in text:
        category = unicodedata.category(char)
        if char in _DROPPED or (category == "Cc" and char not in "\n\t"):
            continue
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        invisible = invisible + 1 if _is_invisible(char, category) else 0
        if marks <= MARKS_IN_A_ROW and invisible <= INVISIBLE_IN_A_ROW:
            kept.append(char)
    return "".join(kept)


def _is_invisible(char: str, category: str) -> bool:
    """Whether a character is invisible. `_balance` counts isolates, and tag characters (U+E0020…) belong to a flag."""
    if char in _BLANKS:
        return True
    return category == "Cf" and char not in _OPENS and char != _CLOSES and not "\U000e0020" <= char <= "\U000e007f"


def _balance(text: str) -> str:
    """The same text with each isolate closed once; without any of them if they nest more than three deep."""
    if not any(char in text for char in "\u2066\u2067\u2068\u2069"):
        return text
    kept: list[str] = []
    depth = deepest = 0
    for char in text:
        if char == _CLOSES and not depth:
            continue
        depth += (char in _OPENS) - (char == _CLOSES)
        deepest = max(deepest, depth)
        kept.append(char)
    balanced = "".join(kept) + _CLOSES * depth
    return balanced if deepest <= 3 else re.sub("[\u2066-\u2069]", "", balanced)  # noqa: PLR2004 (as above)
