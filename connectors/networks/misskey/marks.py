"""The marks inside a run of MFM text, as HTML that is still to be cleaned.

The common marks become HTML; a function (`$[spin …]`) becomes its content, and unknown marks stay text. The work grows
with the length of the text: brackets are matched once, and a closing mark that is missing is searched for once.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final
from urllib.parse import quote

from connectors.text.html import without_tail

MAX_DEPTH: Final = 6
PLAIN: Final = "plain"
PAIRS: Final = {
    "***": ("***", "strong"), "**": ("**", "strong"), "~~": ("~~", "del"), "<b>": ("</b>", "strong"),
    "<i>": ("</i>", "em"), "<s>": ("</s>", "del"), "<small>": ("</small>", "small"), "<plain>": ("</plain>", PLAIN),
}  # fmt: skip

_OPENER: Final = re.compile(
    r"\*\*\*|\*\*|__|~~|</?center>|<(?:b|i|s|small|plain)>|`|\$\[|\??\[|<(?=https?://)|https?://|[@#\uff03*_]"
    r"|:[A-Za-z0-9_+-]+(?:@[A-Za-z0-9.-]+)?:"
)
_ALPHANUMERIC: Final = re.compile("[A-Za-z0-9]")
_BRACKET: Final = re.compile(r"[\[\]]")
_CODE: Final = re.compile(r"`([^`\n\u00b4]+)`")
_BOLD: Final = re.compile(r"__([A-Za-z0-9 \t]+)__")
_EMPHASIS: Final = re.compile(r"([*_])([A-Za-z0-9 \t]+)\1")
_FUNCTION: Final = re.compile(r"([a-z0-9_]+)(?:\.[^\s\[\]]*)?\s")
_TARGET: Final = re.compile(r"\(<?(https?://[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?\)")
_IN_ANGLES: Final = re.compile(r"<(https?://[^\s<>]+)>")
_URL: Final = re.compile(r"https?://[^\s<>\"'\u3000\u300c-\u300f\u3010\u3011]+")
_MENTION: Final = re.compile(
    r"@([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)(?:@([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?))?"
)
_HASHTAG: Final = re.compile(r"[#\uff03]([^\s.,!?'\"#:/\[\]\u3010\u3011()\u300c\u300d\uff08\uff09<>]+)")


class Context:
    """Where a text stands, and what was found in it."""

    def __init__(self, host: str, origin: str) -> None:
        self.host = host
        self.origin = origin
        self.mentions: dict[str, str] = {}
        self.codes: set[str] = set()


def inline(text: str, context: Context) -> str:
    """The HTML of a run of text; what it mentions is noted in the context."""
    return _Marks(text, context).html()


class _Marks:
    """The marks inside a run of text."""

    def __init__(self, text: str, context: Context) -> None:
        self._text = text
        self._context = context
        self._closing = _brackets(text)

    def html(self) -> str:
        return self._range(0, len(self._text), 0, is_link=False)

    def _range(self, start: int, end: int, depth: int, *, is_link: bool) -> str:
        """The HTML of a part of the text; inside of a link there is no other link."""
        if depth > MAX_DEPTH:
            return _plain(self._text[start:end])
        out: list[str] = []
        absent: set[str] = set()
        at = start
        while found := _OPENER.search(self._text, at, end):
            out.append(_plain(self._text[at : found.start()]))
            mark = found[0]
            if mark in PAIRS:
                html, at = self._pair(found, end, depth, absent, is_link=is_link)
            elif mark in {"$[", "[", "?["}:
                html, at = self._bracketed(found, end, depth, is_link=is_link)
            elif mark.startswith(":"):
                self._context.codes.add(mark.strip(":"))
                html, at = mark, found.end()
            elif mark in {"<center>", "</center>"}:
                html, at = "", found.end()
            else:
                html, at = self._single(found, end, is_link=is_link)
            out.append(html)
        out.append(_plain(self._text[at:end]))
        return "".join(out)

    def _pair(self, opener: re.Match[str], end: int, depth: int, absent: set[str], *, is_link: bool) -> tuple[str, int]:
        """(HTML, where to go on) of what a pair of marks encloses; the mark itself is text without its partner."""
        closer, tag = PAIRS[opener[0]]
        close = -1 if closer in absent else self._text.find(closer, opener.end() + 1, end)
        if close < 0:
            absent.add(closer)
            return escape(opener[0]), opener.end()
        if tag == PLAIN:
            return _plain(self._text[opener.end() : close]), close + len(closer)
        inside = self._range(opener.end(), close, depth + 1, is_link=is_link)
        return f"<{tag}>{inside}</{tag}>", close + len(closer)

    def _bracketed(self, opener: re.Match[str], end: int, depth: int, *, is_link: bool) -> tuple[str, int]:
        """A link, or the content of a function."""
        close = self._closing.get(opener.end() - 1, end)
        literal = escape(opener[0]), opener.end()
        if close >= end:
            return literal
        if opener[0] == "$[":
            function = _FUNCTION.match(self._text, opener.end(), close)
            if function is None:
                return literal
            if function[1] == "ruby":
                base, _, above = self._text[function.end() : close].partition(" ")
                return f"<ruby>{_plain(base)}<rp>(</rp><rt>{_plain(above)}</rt><rp>)</rp></ruby>", close + 1
            return self._range(function.end(), close, depth + 1, is_link=is_link), close + 1
        target = _TARGET.match(self._text, close + 1, end)
        if target is None or is_link:
            return literal
        label = self._range(opener.end(), close, depth + 1, is_link=True)
        return f'<a href="{escape(target[1])}">{label}</a>', target.end()

    def _single(self, opener: re.Match[str], end: int, *, is_link: bool) -> tuple[str, int]:
        """A mark that one pattern describes: code, emphasis, an address, a mention or a hashtag."""
        text, at = self._text, opener.start()
        if found := _CODE.match(text, at, end):
            return f"<code>{escape(found[1])}</code>", found.end()
        if found := _BOLD.match(text, at, end):
            return f"<strong>{found[1]}</strong>", found.end()
        if found := _IN_ANGLES.match(text, at, end):
            return self._address(found[1], is_link=is_link), found.end()
        if found := _URL.match(text, at, end):
            url = without_tail(found[0])
            return self._address(url, is_link=is_link), at + len(url)
        if at and _ALPHANUMERIC.match(text, at - 1):
            return escape(opener[0]), opener.end()
        return self._word(opener, end, is_link=is_link)

    def _word(self, opener: re.Match[str], end: int, *, is_link: bool) -> tuple[str, int]:
        """A mark that no letter or digit may precede."""
        text, at = self._text, opener.start()
        if found := _EMPHASIS.match(text, at, end):
            return f"<em>{found[2]}</em>", found.end()
        if not is_link and (found := _MENTION.match(text, at, end)):
            return self._mention(found), found.end()
        if not is_link and (found := _HASHTAG.match(text, at, end)) and not found[1].isdigit():
            url = f"{self._context.origin}/tags/{quote(found[1], safe='')}"
            return _link(url, found[0], "mention hashtag"), found.end()
        return escape(opener[0]), opener.end()

    def _address(self, url: str, *, is_link: bool) -> str:
        return _plain(url) if is_link else _link(url, url)

    def _mention(self, found: re.Match[str]) -> str:
        user, host = found[1], (found[2] or self._context.host).lower()
        url = f"https://{host}/@{user}"
        self._context.mentions[f"@{user}@{host}"] = url
        return _link(url, found[0], "u-url mention")


def _plain(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _link(url: str, label: str, classes: str = "") -> str:
    named = f' class="{classes}"' if classes else ""
    return f'<a href="{escape(url)}"{named}>{escape(label)}</a>'


def _brackets(text: str) -> dict[int, int]:
    """The place of each opening bracket with that of its partner."""
    pairs: dict[int, int] = {}
    open_: list[int] = []
    for found in _BRACKET.finditer(text):
        if found[0] == "[":
            open_.append(found.start())
        elif open_:
            pairs[open_.pop()] = found.start()
    return pairs
