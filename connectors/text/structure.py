"""The structure of a post's HTML: one walk over markup that nh3 has already made well-formed.

It turns headings and layout blocks into paragraphs, repairs links, and bounds depth and length. The allow-list of
`html.py` filters after this walk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from connectors.text.characters import normalise

DEPTH = 12
LINK_LENGTH = 2048
BREAKS_IN_A_ROW = 2

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary", "caption"})
BLOCKS = frozenset(
    {
        "address", "article", "aside", "center", "dd", "details", "div", "dl", "figcaption", "figure", "footer",
        "form", "header", "hgroup", "hr", "main", "nav", "section", "table", "tr",
    }
)  # fmt: skip
CELLS = frozenset({"td", "th"})
PARAGRAPHS = frozenset({"p", "pre", "blockquote", "ul", "ol", "li"})

_TOKEN = re.compile(r'<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?P<rest>(?: [a-z-]+="[^"]*")*)>|(?P<text>[^<]+)')
_HREF = re.compile(r' href="([^"]*)"')
_LINK = re.compile(r"(?:https?://[^/?#@]+(?:[/?#]|$)|mailto:.)", re.IGNORECASE)
_REFERENCES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&nbsp;", "\xa0"), ("&amp;", "&"))
"""The last one after the others, since it may turn into the beginning of one."""
_NOT_IN_LINKS = re.compile(r"[\x00-\x20\x7f-\xa0\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
_BLANK = re.compile(
    r'<(p|pre|blockquote|ul|ol|li)(?: [a-z-]+="[^"]*")*>(?:\s|&nbsp;|<br>)*</\1>'
    r'|<(a|strong|b|em|i|u|s|del|code|span|ruby|bdi|q|sub|sup|small)(?: [a-z-]+="[^"]*")*></\2>'
)


class Filter:
    """One pass from well-formed markup to our own structure; `limit` bounds the characters of the result."""

    def __init__(self, limit: int) -> None:
        self.remaining = limit
        self.out: list[str] = []
        self.closers: list[tuple[str, str]] = []  # open elements: the name as it came, and the closing tag
        self.depth = 0
        self.breaks = 0
        self.cut = False

    def apply(self, html: str) -> str:
        for token in _TOKEN.finditer(html):
            if token["text"]:
                self._text(_unescaped(token["text"]))
            elif token["end"]:
                self._close()
            else:
                self._open(token["name"], token["rest"])
            if self.cut:
                break
        return "".join(self.out) + "".join(closer for _, closer in reversed(self.closers))

    def _text(self, text: str) -> None:
        words = normalise(text)
        if self.out and self.out[-1].startswith("<pre"):
            words = words.lstrip("\n")  # the parser drops one here each time it reads
        if words.strip():
            self.breaks = 0
        safe = _escaped(words)
        if len(safe) > self.remaining:
            safe = _fitting(words, self.remaining)
            self.cut = True
        self.remaining -= len(safe)
        self.out.append(safe)

    def _open(self, name: str, rest: str) -> None:
        if name == "br":
            self.breaks += 1
            if self.breaks <= BREAKS_IN_A_ROW:
                self._emit("<br>")
            return
        opener, closer = self._shape(name, rest)
        if self.depth >= DEPTH:
            opener = closer = ""
        self.depth += bool(closer)
        self._emit(opener, closer)
        if name != "hr":
            self.closers.append((name, closer))

    def _close(self) -> None:
        name, closer = self.closers.pop()
        self.depth -= bool(closer)
        self.out.append(closer)
        if name in PARAGRAPHS:
            self.breaks = 0

    def _emit(self, opener: str, closer: str = "") -> None:
        self.remaining -= len(opener) + len(closer)
        self.out.append(opener)
        self.cut = self.remaining <= 0

    def _shape(self, name: str, rest: str) -> tuple[str, str]:
        if name in HEADINGS:
            return "<p><strong>", "</strong></p>"
        if name == "hr":
            return "<p></p>", ""
        if name in BLOCKS:
            return "<p>", "</p>"
        if name in CELLS:
            return " ", " "
        if name == "a":
            found = _HREF.search(rest)
            href = link(_unescaped(found[1])) if found else ""
            if not href:
                return "", ""
            rest = _HREF.sub("", rest) + f' href="{escape(href)}"'
        return f"<{name}{rest}>", f"</{name}>"


def _unescaped(text: str) -> str:
    """The text of well-formed markup, which has no references but those of a serialiser (HTML, 13.3).

    `html.unescape` calls Python for each reference, and takes a tenth of a second for a post of them.
    """
    for reference, char in _REFERENCES:
        text = text.replace(reference, char)
    return text


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\xa0", "&nbsp;")


def _fitting(text: str, room: int) -> str:
    """The longest beginning of the text that fits once it is escaped."""
    length = room
    while length > 0:
        safe = _escaped(shorten(text, length))
        if len(safe) <= room:
            return safe
        length = min(length - 1, length * room // len(safe))
    return ""


def link(url: str) -> str:
    """The address to link to; empty if it is not a web or mail address, or absurdly long.

    A user name before the host (`https://bank.example@elsewhere.example/`) is never honest and loses the link as well.
    """
    mended = _NOT_IN_LINKS.sub("", url).replace("<", "%3C").replace(">", "%3E").replace("\\", "/")
    return mended if len(mended) <= LINK_LENGTH and _LINK.match(mended) else ""


def shorten(text: str, length: int) -> str:
    """The beginning of a text, cut between words if possible, with an ellipsis."""
    if len(text) <= length:
        return text
    head = text[: max(length - 1, 0)]
    at = head.rfind(" ")
    return (head[:at] if at > length // 2 else head).rstrip() + "…"


def drop_empty(html: str) -> str:
    """The same markup without elements that hold nothing: editors and our own walk leave many behind."""
    before = ""
    while before != html:
        before, html = html, _BLANK.sub(_gap, html)
    return html.strip()


def _gap(blank: re.Match[str]) -> str:
    """A space in place of an empty block, to keep two words apart."""
    before, after = blank.string[blank.start() - 1 : blank.start()], blank.string[blank.end() : blank.end() + 1]
    return " " if blank[1] and before not in {"", ">"} and after not in {"", "<"} else ""


def text_of(html: str) -> Iterator[str]:
    """The text of well-formed markup, run by run, with a newline wherever a new line would begin on a page."""
    for token in _TOKEN.finditer(html):
        name = token["name"]
        if token["text"]:
            yield _unescaped(token["text"])
        elif name in CELLS:
            yield " "
        elif name == "br" or name in PARAGRAPHS or name in BLOCKS or name in HEADINGS:
            yield "\n"
