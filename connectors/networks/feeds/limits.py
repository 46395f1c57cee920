"""What feedparser is spared: broken encodings, entity bombs, floods of markup, and the captions that confuse it.

It owns bytes alone: RSS or Atom goes in, tamer RSS or Atom in UTF-8 comes out, in time that grows with its length.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from connectors.networks.feeds.encodings import to_utf8
from connectors.networks.feeds.references import mend_references
from connectors.networks.feeds.spans import chosen

ATTRIBUTES_AT_MOST: Final = 64  # of one tag; feedparser's work grows with their square
TAG_LENGTH: Final = 16_384  # bytes of one tag

_ENTITY: Final = re.compile(rb"<!ENTITY[^>]*>?")
_SMALL_ENTITY: Final = re.compile(rb"""<!ENTITY\s+\w+\s+(["'])(?:&#\w{1,8};|[^"'&<%]{0,32})\1\s*>""")
_MEDIA_TAG: Final = re.compile(rb"<(/?)media:(content|description)\b([^<>]*)>")
_WRITER_TAG: Final = re.compile(
    rb"(</?(?:\w+:)?(?:author|creator|contributor|email|managingEditor|name|owner|publisher|webMaster)\b[^<>]*>)",
    re.IGNORECASE,
)
_LONG_RUN: Final = re.compile(rb"(?<![\w.+-])([\w.+-]{128})[\w.+-]+")
_CDATA: Final = re.compile(rb"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_TAG: Final = re.compile(rb"<[A-Za-z][^<>]*>")
_ATTRIBUTE: Final = re.compile(rb"""(?<![^\s"'/])[^\s=<>"'/]++\s*+=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+)""")
_PLACE_TAG: Final = re.compile(rb"</?(?:gml|georss|geo):[^<>]*>", re.IGNORECASE)
_INPUT: Final = re.compile(rb"<textinput\b[^<>]*>.{0,1000}?</textinput\s*>", re.IGNORECASE | re.DOTALL)


class Tamed(NamedTuple):
    """A document that is safe to read. `numbers` are those that its entries had in the document as it came.

    `lost` has a sentence for each entry that was left out because nothing of it could be read; `whole` says that the
    document did not break off.
    """

    data: bytes
    numbers: tuple[int, ...]
    lost: tuple[str, ...]
    whole: bool


def tame(body: bytes, content_type: str = "") -> Tamed:
    """The same document in UTF-8, bounded: no more than two hundred entries, and nothing that grows when it is read.

    Where it is not in the encoding that it declares, feedparser has chardet guess.
    """
    taken = chosen(_defused(to_utf8(body, content_type)))
    data = _TAG.sub(_short_tag, taken.data)
    data = _captioned(_signed_briefly(mend_references(_without_places(data))))
    return Tamed(data, taken.numbers, taken.lost, taken.whole)


def _defused(data: bytes) -> bytes:
    """Without entity declarations, but for those too small to grow: nobody needs a billion laughs."""
    return _ENTITY.sub(lambda found: found[0] if _SMALL_ENTITY.fullmatch(found[0]) else b"", data)


def _short_tag(tag: re.Match[bytes]) -> bytes:
    """A tag with its first attributes, where it has more than any honest one."""
    text = tag[0]
    if len(text) <= TAG_LENGTH and text.count(b"=") <= ATTRIBUTES_AT_MOST:
        return text
    name = re.match(rb"<[^\s/>]{1,200}", text)
    attributes = [found[0] for found, _ in zip(_ATTRIBUTE.finditer(text[:TAG_LENGTH]), range(ATTRIBUTES_AT_MOST))]  # noqa: B905  the shorter of the two is the bound
    opening = name[0] if name else b"<x"
    return b" ".join([opening, *attributes]) + (b"/>" if text.endswith(b"/>") else b">")


def _without_places(data: bytes) -> bytes:
    """Without what says where something is, which no card shows and feedparser stumbles over; nor forms for input."""
    return _INPUT.sub(b"", _PLACE_TAG.sub(b"", data))


def _signed_briefly(data: bytes) -> bytes:
    """Without endless words in names: feedparser seeks mail addresses there, in time that grows with the square."""
    pieces = _WRITER_TAG.split(data)
    for at in range(1, len(pieces), 2):
        if not pieces[at].startswith(b"</"):
            pieces[at + 1] = _LONG_RUN.sub(rb"\1", pieces[at + 1])
    return b"".join(pieces)


def _captioned(data: bytes) -> bytes:
    """Each `media:content` with its own `media:description` as an attribute.

    feedparser takes that description for the entry's, which would put a picture's alt text in place of the post.
    """
    pieces: list[bytes] = []
    content = caption = None
    at = 0
    for tag in _MEDIA_TAG.finditer(data):
        closes, name = bool(tag[1]), tag[2]
        if name == b"content":
            content = None if closes or tag[3].endswith(b"/") else tag
        elif content and not closes and not tag[3].endswith(b"/"):
            caption = tag
        elif content and caption and closes:
            alt = _attribute(data[caption.end() : tag.start()])
            pieces += [data[at : content.end() - 1], b' alt="', alt, b'">', data[content.end() : caption.start()]]
            at, content, caption = tag.end(), None, None
    return b"".join([*pieces, data[at:]])


def _attribute(text: bytes) -> bytes:
    open_text = _CDATA.sub(lambda found: found[1].replace(b"&", b"&amp;"), text)
    return open_text.replace(b'"', b"&quot;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
