"""Sanitised HTML: a small allow-list, enforced by nh3 (ammonia, html5ever).

All foreign HTML passes here, and no regular expression repairs unparsed markup: nh3 parses first, `structure.py` walks
over well-formed markup, and nh3 filters last.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import Final, Literal

import nh3

from connectors.text.characters import normalise, replace_surrogates
from connectors.text.structure import BLOCKS, CELLS, HEADINGS, Filter, drop_empty, text_of

LIMIT: Final = 20_000  # characters of a post's HTML; the longest honest toots are about a third of that
READ_AT_MOST: Final = 65_536  # characters and …
TAGS_AT_MOST: Final = 500  # … tags that are parsed: html5ever's work grows with the square of the open ones
PARAGRAPHS_AT_MOST: Final = TAGS_AT_MOST // 2 + 1
"""Paragraphs of plain text that become HTML: the tags of more are not parsed anyway."""
ROUNDS: Final = 6

TAGS: Final = frozenset(
    {
        "p", "br", "a", "strong", "b", "em", "i", "u", "s", "del", "code", "pre", "blockquote", "ul", "ol", "li",
        "span", "ruby", "rt", "rp", "bdi", "q", "sub", "sup", "small",
    }
)  # fmt: skip
CLASSES: Final = {
    "span": frozenset({"mention", "hashtag", "invisible", "ellipsis", "h-card"}),
    "a": frozenset({"mention", "hashtag", "u-url"}),
    "p": frozenset({"quote-inline"}),  # Mastodon's "RE: …" line, which a page hides beside the quoted post
}
DIRECTIONS: Final = frozenset({"ltr", "rtl", "auto"})
DIRECTED: Final = frozenset({"p", "bdi", "span", "blockquote", "q", "ul", "ol", "li", "pre"})
REL: Final = "nofollow noopener noreferrer ugc"

_DROPPED_WHOLE: Final = frozenset(
    {
        "script", "style", "template", "svg", "math", "iframe", "frameset", "object", "applet", "noscript", "noembed",
        "noframes", "textarea", "select", "title", "xmp", "plaintext", "audio", "video", "canvas", "map", "datalist",
    }
)  # fmt: skip
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
_FORMATTING: Final = re.compile(
    r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)\b[^>]*>", re.IGNORECASE
)  # html5ever repeats each distinct open one in each new paragraph; without attributes they are not distinct
_ANY_TAG: Final = re.compile(r"<[^<>]*>")
_HALF_TAG: Final = re.compile(r"<[/!a-zA-Z]?[^<>\s]*$")
_URL: Final = re.compile(r"https?://[^\s<>\"\u2066-\u2069]+", re.IGNORECASE)
_TAG: Final = re.compile(r"""<(?:[^"'>]|"[^"]*"|'[^']*')*+>""")


def clean(html: str, *, base: str = "", limit: int = LIMIT) -> str:
    """Safe HTML with the same text: only `TAGS`, only web and mail links, no picture, style, id or script.

    Relative links are resolved by `base`, or lose their link without one. Headings and layout become paragraphs, and
    text beyond `limit` characters is cut with an ellipsis. Cleaning the result again changes nothing.
    """
    before = html
    for _ in range(ROUNDS):
        after = _pass(before, base, limit)
        if after == before:
            return after
        before = after
    return _settled(html, limit)


def plain(html: str) -> str:
    """The text alone, without markup: a single line for each paragraph or line break."""
    lines = "".join(text_of(_parsed(_bounded(html), ""))).split("\n")
    return normalise("\n".join(line for line in (" ".join(line.split()) for line in lines) if line))


def letters(html: str) -> str:
    """The text of clean HTML without tags and blanks, which servers set differently; for comparing only."""
    return "".join(_TAG.sub("", html).split())


def from_text(text: str, *, limit: int = LIMIT) -> str:
    """Safe HTML from plain text: a blank line begins a paragraph, a line end breaks the line, bare URLs are linked."""
    paragraphs = re.split(r"\n\s*\n", normalise(text[:READ_AT_MOST]).strip(), maxsplit=PARAGRAPHS_AT_MOST)
    return clean("".join(f"<p>{linked(each)}</p>" for each in paragraphs[:PARAGRAPHS_AT_MOST]), limit=limit)


def _pass(html: str, base: str, limit: int) -> str:
    return drop_empty(_writer().clean(Filter(limit).apply(_parsed(_bounded(html), base))))


@lru_cache(maxsize=4)
def _parsed(html: str, base: str) -> str:
    """Well-formed markup. The last ones are kept: a post is cleaned, and then read for its hashtags."""
    return _reader(base).clean(html)


def _bounded(html: str) -> str:
    """The input, as far as it is parsed."""
    read = replace_surrogates(html[:READ_AT_MOST])
    pieces = read.split("<", TAGS_AT_MOST + 1)
    if len(pieces) > TAGS_AT_MOST + 1:
        read = "<".join(pieces[:-1])
        if not _ANY_TAG.sub("", read).strip():  # nothing but tags so far: the text behind them matters more
            read = " ".join(_HALF_TAG.sub("", _ANY_TAG.sub(" ", html[:READ_AT_MOST])).split())
    return _FORMATTING.sub(r"<\1>", read)


def _settled(html: str, limit: int) -> str:
    """The text of input that never reaches a fixed point: it holds no markup."""
    return escape(" ".join(plain(html).split())[: limit // 6], quote=False)


def linked(text: str) -> str:
    """Plain text as HTML that is still to be cleaned: bare URLs are linked, and a line end breaks the line."""
    parts: list[str] = []
    at = 0
    for match in _URL.finditer(text):
        url = without_tail(match[0])
        parts += [escape(text[at : match.start()]), f'<a href="{escape(url)}">{escape(url)}</a>']
        at = match.start() + len(url)
    return "".join([*parts, escape(text[at:])]).replace("\n", "<br>")


def without_tail(url: str) -> str:
    """The URL without the sentence's own punctuation; a closing bracket stays if the URL has opened it."""
    unopened = {closing: url.count(closing) - url.count(opening) for closing, opening in _OPENER.items()}
    end = len(url)
    while end and (url[end - 1] in ".,;:!?'…*_" or unopened.get(url[end - 1], 0) > 0):
        end -= 1
        if url[end] in unopened:
            unopened[url[end]] -= 1
    return url[:end]


_OPENER: Final = {")": "(", "]": "[", "}": "{"}


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The value of an allowed attribute, or None if the value is unknown."""
    if name == "class":
        return " ".join(word for word in value.split() if word in CLASSES.get(tag, ())) or None
    if name == "lang":
        return value if _LANGUAGE.fullmatch(value) else None
    return value


@lru_cache(maxsize=64)
def _reader(base: str) -> nh3.Cleaner:
    """The first pass: well-formed, relative links resolved, with the blocks that the walk turns into paragraphs."""
    tags = TAGS | HEADINGS | BLOCKS | CELLS
    if base.startswith(("http://", "https://")):
        try:
            return _cleaner(tags, ("rewrite_with_base", base))
        except ValueError:  # a placeholder in place of the host, or an invalid port
            pass
    return _cleaner(tags, "deny")


@lru_cache(maxsize=1)
def _writer() -> nh3.Cleaner:
    """The last pass: only `TAGS` remain."""
    return _cleaner(TAGS, "deny")


def _cleaner(tags: frozenset[str], relative: Literal["deny"] | tuple[Literal["rewrite_with_base"], str]) -> nh3.Cleaner:
    classes = {tag: {"class"} for tag in CLASSES}
    return nh3.Cleaner(
        tags=tags,
        clean_content_tags=_DROPPED_WHOLE,
        attributes=classes | {"*": {"lang"}, "a": {"href", "class"}},
        tag_attribute_values={tag: {"dir": DIRECTIONS} for tag in DIRECTED},
        attribute_filter=_attribute,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto"},
        url_relative=relative,
        link_rel=REL,
        generic_attribute_prefixes=set(),
    )
