"""Limits before feedparser: no broken encodings, entity bombs, floods of markup or confusing elements reach it.

RSS or Atom goes in as bytes, and bounded RSS or Atom in UTF-8 comes out, in time that grows with its length.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from connectors.syndication.captions import with_captions
from connectors.syndication.encodings import to_utf8
from connectors.syndication.foreign import without_foreign_content
from connectors.syndication.references import mend_references
from connectors.syndication.spans import chosen

ATTRIBUTES_AT_MOST: Final = 64  # attributes of one tag; feedparser's work grows with their square
TAG_LENGTH: Final = 16_384  # bytes of one tag
NAMESPACES_AT_MOST: Final = 64
"""Namespace declarations that differ; feedparser's work grows with their square."""

_ENTITY: Final = re.compile(rb"<!ENTITY[^>]*>?")
_SMALL_ENTITY: Final = re.compile(rb"""<!ENTITY\s+\w+\s+(["'])(?:&#\w{1,8};|[^"'&<%]{0,32})\1\s*>""")
_WRITER_TAG: Final = re.compile(
    rb"(</?(?:[\w.-]+:)?(?:author|creator|contributor|email|managingEditor|name|owner|publisher|webMaster)\b[^<>]*>)",
    re.IGNORECASE,
)
_LONG_RUN: Final = re.compile(rb"(?<![\w.+-])([\w.+-]{128})[\w.+-]+")
_TAG: Final = re.compile(rb"<[A-Za-z][^<>]*>")
_ATTRIBUTE: Final = re.compile(rb"""(?<![^\s"'/])[^\s=<>"'/]++\s*+=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+)""")
_NAMESPACE: Final = re.compile(rb"""(?<=[\s"'])xmlns(?::[^\s=<>"'/]+)?\s*+=\s*+(?:"[^"<>]*"|'[^'<>]*')""")
_PLACE_TAG: Final = re.compile(rb"</?(?:gml|georss|geo):[^<>]*>", re.IGNORECASE)
_INPUT: Final = re.compile(
    rb"<textinput\b[^<>]*>(?:(?!</?(?:[\w.-]+:)?(?:item|entry)[\s>]).){0,1000}?</textinput\s*>",
    re.IGNORECASE | re.DOTALL,
)
"""Within one entry: an unended one must not take the next entry's."""


class SanitisedInput(NamedTuple):
    """A document that is safe to parse. `numbers` are the original numbers of its entries.

    `lost` has a sentence for each entry that was left out as unreadable; `whole` means that the document is not
    truncated.
    """

    data: bytes
    numbers: tuple[int, ...]
    lost: tuple[str, ...]
    whole: bool


def sanitise_input(body: bytes, content_type: str = "") -> SanitisedInput:
    """The same document in UTF-8, with at most two hundred entries and without entities that grow.

    If its declared encoding is wrong, feedparser has chardet guess.
    """
    taken = chosen(without_foreign_content(_defused(to_utf8(body, content_type))))
    data = _with_few_namespaces(_TAG.sub(_short_tag, taken.data))
    data = with_captions(_signed_briefly(mend_references(_without_places(data))))
    return SanitisedInput(data, taken.numbers, taken.lost, taken.whole)


def _defused(data: bytes) -> bytes:
    """The document without entity declarations, except those too small to grow: no billion laughs."""
    return _ENTITY.sub(lambda found: found[0] if _SMALL_ENTITY.fullmatch(found[0]) else b"", data)


def _short_tag(tag: re.Match[bytes]) -> bytes:
    """A tag with its first attributes, if it has more than an honest one."""
    text = tag[0]
    if len(text) <= TAG_LENGTH and text.count(b"=") <= ATTRIBUTES_AT_MOST:
        return text
    name = re.match(rb"<[^\s/>]{1,200}", text)
    attributes = [found[0] for found, _ in zip(_ATTRIBUTE.finditer(text[:TAG_LENGTH]), range(ATTRIBUTES_AT_MOST))]  # noqa: B905  the shorter of the two is the bound
    opening = name[0] if name else b"<x"
    return b" ".join([opening, *attributes]) + (b"/>" if text.endswith(b"/>") else b">")


def _with_few_namespaces(data: bytes) -> bytes:
    """The document without the namespace declarations of a flood; a prefix without one belongs to no namespace."""
    known: set[bytes] = set()

    def kept(found: re.Match[bytes]) -> bytes:
        if found[0] not in known and len(known) >= NAMESPACES_AT_MOST:
            return b""
        known.add(found[0])
        return found[0]

    return _TAG.sub(lambda tag: _NAMESPACE.sub(kept, tag[0]) if b"xmlns" in tag[0] else tag[0], data)


def _without_places(data: bytes) -> bytes:
    """The document without locations, which no card shows and feedparser stumbles over, and without form inputs."""
    return _INPUT.sub(b"", _PLACE_TAG.sub(b"", data))


def _signed_briefly(data: bytes) -> bytes:
    """The document with short author names: feedparser searches them for mail addresses in quadratic time."""
    pieces = _WRITER_TAG.split(data)
    for at in range(1, len(pieces), 2):
        if not pieces[at].startswith(b"</"):
            pieces[at + 1] = _LONG_RUN.sub(rb"\1", pieces[at + 1])
    return b"".join(pieces)
