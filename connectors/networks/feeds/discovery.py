"""The feeds of a web page: each `<link rel="alternate">` that the page names."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin

from connectors.syndication.tags import Tags

LOOKED_AT: Final = 512 * 1024  # characters; the head of a page comes first
OFFERS_AT_MOST: Final = 4
TYPES: Final = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
)
PERHAPS: Final = frozenset({"application/json", "text/xml", "application/xml"})
"""Ambiguous types: JSON Feed 1.0 tells sites to use the first. Such links are tried last."""
_ASIDES: Final = ("comment", "kommentar", "commentaire", "comentario")  # a feed of comments is not wanted


def discover(page: str, url: str) -> tuple[str, ...]:
    """The addresses of the first feeds that the page at `url` links to. Feeds of comments come last."""
    reader = _Links()
    reader.feed(page[:LOOKED_AT])
    offers = sorted([*reader.offers, *reader.perhaps], key=lambda offer: any(w in offer[0].lower() for w in _ASIDES))
    found: dict[str, None] = {}
    for _, href in offers:
        try:
            address = urljoin(urljoin(url, reader.base), href)
        except ValueError:
            continue
        if address.startswith(("http://", "https://")):
            found[address] = None
    return tuple(found)[:OFFERS_AT_MOST]


class _Links(Tags):
    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.offers: list[tuple[str, str]] = []  # title and href
        self.perhaps: list[tuple[str, str]] = []  # likewise, of an ambiguous type

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = found.get("href", "")
        if tag == "link" and found.get("href"):
            offer = (found.get("title", "") + found["href"], found["href"].strip())
            if _is_offer(found, TYPES):
                self.offers.append(offer)
            elif _is_offer(found, PERHAPS):
                self.perhaps.append(offer)


def _is_offer(found: dict[str, str], types: frozenset[str]) -> bool:
    relations = found.get("rel", "").lower().split()
    kind = found.get("type", "").split(";")[0].strip().lower()
    return "alternate" in relations and kind in types
