"""The kinds of documents that servers send in place of a feed, in words for a message."""

from __future__ import annotations

import re
from typing import Final

LOOKED_AT: Final = 4_096
"""Bytes."""

FIRST: Final = re.compile(
    rb"(?>\s|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->|<![A-Za-z][^<>\[]*(?:\[[^\]]*\]\s*)?>)*+<([A-Za-z][\w:.-]*)", re.DOTALL
)
"""The first element, after comments, instructions and a DOCTYPE: it determines the kind of document."""
_MAGIC: Final = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture, a sound or a video"),
    (b"\x00\x00\x01\x00", "a picture"),
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "an archive"),
    (b"\x1f\x8b", "a compressed file"),
    (b"ID3", "a sound"),
)
"""The first bytes of files that are not text."""
_PAGE: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|script|div|table|h1|p|br|b|a|center)\b", re.IGNORECASE
)
_NAMED: Final = {
    b"opml": "an OPML list of feeds",
    b"svg": "a picture",
    b"urlset": "a sitemap",
    b"sitemapindex": "a sitemap",
}
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def kind_of(body: bytes) -> str:
    """What the document is, with its article."""
    head = body[:LOOKED_AT]
    binary = next((kind for start, kind in _MAGIC if head.startswith(start)), "")
    if binary or (b"\0" in head and not head.startswith(_WIDE_MARKS)):
        return binary or "binary data"
    first = FIRST.match(head)
    if first and not _PAGE.match(head, first.start(1) - 1):
        name = first[1].lower().rpartition(b":")[2]
        return _NAMED.get(name, f"an XML document (<{first[1][:40].decode('ascii', 'replace')}>)")
    if first or _PAGE.search(head):
        return "a web page"
    return "JSON" if head.lstrip()[:1] in (b"{", b"[") else "plain text"
