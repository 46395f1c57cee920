"""A post's text with its facets as HTML: links, mentions and hashtags by offsets into the UTF-8 bytes. Pure.

Facets: https://docs.bsky.app/docs/advanced-guides/post-richtext. Services pass on what apps write: offsets beyond the
text, inside of a character or over each other, and any scheme. Such a facet is left out, and the text stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from connectors.contract import Mention
from connectors.networks.bluesky.addresses import APP, DID, HANDLE
from connectors.networks.bluesky.entities import Facet, Feature, parts
from connectors.networks.bluesky.values import string
from connectors.text.hashtags import MAX_TAG, fold
from connectors.text.html import PARAGRAPHS_AT_MOST, clean
from connectors.text.urls import web

MAX_TEXT: Final = 5_000
"""Characters of a post that are read; a record has 3,000 bytes at most."""
MAX_FACETS: Final = 200
MAX_FEATURES: Final = 4  # of a facet
CONTINUATION: Final = 0b1000_0000  # the first two bits of each further byte of a character (RFC 3629)
FIRST_TWO_BITS: Final = 0b1100_0000
LINK: Final = "app.bsky.richtext.facet#link"
MENTION: Final = "app.bsky.richtext.facet#mention"
TAG: Final = "app.bsky.richtext.facet#tag"


class RichText(NamedTuple):
    """Safe HTML, the people mentioned, and the hashtags of the facets in their normal form."""

    html: str
    mentions: tuple[Mention, ...] = ()
    tags: tuple[str, ...] = ()


class _Anchor(NamedTuple):
    """A facet that can be used: its bytes, the attributes of its link, and its account or tag, if it is one."""

    start: int
    end: int
    attributes: str
    did: str = ""
    tag: str = ""


def rich_text(text: Any, facets: Any) -> RichText:
    """The text of a post as RichText. A blank line begins a paragraph."""
    data = string(text, MAX_TEXT).encode()
    pieces, mentions, tags, at = list[str](), list[Mention](), dict[str, None](), 0
    for anchor in sorted(_anchors(data, facets)):
        if anchor.start < at:  # over another one
            continue
        shown = " ".join(data[anchor.start : anchor.end].decode().split())
        pieces += [escape(data[at : anchor.start].decode()), f"<a {anchor.attributes}>{escape(shown)}</a>"]
        at = anchor.end
        if anchor.did:
            mentions.append(Mention(handle=_handle(shown, anchor.did), url=profile(anchor.did)))
        if anchor.tag:
            tags[anchor.tag] = None
    marked = "".join([*pieces, escape(data[at:].decode())])
    return RichText(clean(_paragraphs(marked)), tuple(mentions), tuple(tags))


def profile(did: str) -> str:
    """The address of a profile in the app, the same whatever the account's handle."""
    return f"{APP}/profile/{did}"


def _anchors(data: bytes, facets: Any) -> Iterator[_Anchor]:
    for facet in parts(facets, Facet, MAX_FACETS):
        start, end = facet.index.byte_start, facet.index.byte_end
        if not 0 <= start < end <= len(data) or _is_inside(data, start) or _is_inside(data, end):
            continue
        found = (_anchor(start, end, feature) for feature in parts(facet.features, Feature, MAX_FEATURES))
        if anchor := next(filter(None, found), None):
            yield anchor


def _anchor(start: int, end: int, feature: Feature) -> _Anchor | None:
    if feature.type == LINK and (url := web(feature.uri)):
        return _Anchor(start, end, f'href="{escape(url)}"')
    if feature.type == MENTION and isinstance(feature.did, str) and DID.fullmatch(feature.did):
        return _Anchor(start, end, f'class="mention u-url" href="{profile(feature.did)}"', did=feature.did)
    if feature.type == TAG and isinstance(feature.tag, str) and 0 < len(feature.tag) <= MAX_TAG:
        name = string(feature.tag)
        return _Anchor(
            start, end, f'class="mention hashtag" href="{APP}/hashtag/{quote(name, safe="")}"', tag=fold(name)
        )
    return None


def _is_inside(data: bytes, at: int) -> bool:
    """Whether a character goes on at this byte."""
    return at < len(data) and data[at] & FIRST_TWO_BITS == CONTINUATION


def _handle(shown: str, did: str) -> str:
    """The mention as it is written, if that is a handle; else the account's DID."""
    return shown if shown.startswith("@") and HANDLE.fullmatch(shown[1:]) else did


def _paragraphs(marked: str) -> str:
    """Paragraphs and line breaks; no tag of ours has a line end inside."""
    found = re.split(r"\r?\n\s*\n", marked.strip(), maxsplit=PARAGRAPHS_AT_MOST)[:PARAGRAPHS_AT_MOST]
    return "".join(f"<p>{each.replace(chr(10), '<br>')}</p>" for each in found)
