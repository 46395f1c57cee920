"""The pictures in an entry's text, as Attachments. Lazy-loading pages have their addresses beside a placeholder."""

from __future__ import annotations

import re
from typing import Final

from connectors.contract import Attachment
from connectors.syndication.addresses import web_address
from connectors.syndication.entities import Words, line, pixels
from connectors.syndication.tags import Tags
from connectors.text.html import READ_AT_MOST

PICTURES_AT_MOST: Final = 4
SMALLEST_PICTURE: Final = 48  # pixels; a smaller picture is a counter, a smiley or a button

_LAZY: Final = ("data-src", "data-original", "data-lazy-src", "data-orig-file")
_LAZY_SETS: Final = ("data-srcset", "data-lazy-srcset")
_OTHERS: Final = (
    "data-lazy", "data-lazyload", "data-echo", "data-url", "data-image", "data-original-src", "data-hi-res-src",
)  # fmt: skip
"""Attributes that may as well have a switch, or the address of a page …"""
_OTHER_SET: Final = "data-original-set"
_SWITCH: Final = re.compile(r"true|false|[0-9.]*", re.IGNORECASE)
_PICTURE: Final = re.compile(r"[^?#]+\.(?:jpe?g|jfif|png|gif|webp|avif)(?:[?#].*)?", re.IGNORECASE | re.DOTALL)
"""… so that theirs has a picture's ending."""
_CANDIDATE: Final = re.compile(r"[\s,]*+(\S++)([^,]*+)")
_WIDTH: Final = re.compile(r"\s*([0-9]{1,8}(?:\.[0-9]{1,8})?)[wx]")


def pictures(words: Words) -> list[Attachment]:
    """The first pictures that are larger than a button."""
    reader = _Pictures(words.base)
    reader.feed(words.html[:READ_AT_MOST])
    return reader.found


class _Pictures(Tags):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.found: list[Attachment] = []
        self.in_noscript = False
        self.was_lazy = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "noscript":
            self.in_noscript = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_noscript = self.in_noscript or tag == "noscript"
        if tag != "img" or len(self.found) >= PICTURES_AT_MOST:
            return
        said = {name: value or "" for name, value in attrs}
        if self.in_noscript and self.was_lazy:
            return  # the same picture once more, for browsers without scripts
        self.was_lazy = any(name.startswith("data-") for name in said)
        width, height = (pixels(said.get(name, "")) for name in ("width", "height"))
        url = _source(said, self.base)
        if url and not 0 < min(width or 9999, height or 9999) < SMALLEST_PICTURE:
            alt = line(said.get("alt", ""))
            self.found.append(Attachment(kind="image", url=url, preview=url, alt=alt, width=width, height=height))


def _source(said: dict[str, str], base: str) -> str:
    """The picture's own address, which a placeholder may stand for."""
    lazy = [said.get(name, "") for name in _LAZY] + [_widest(said.get(name, "")) for name in _LAZY_SETS]
    others = [*(said.get(name, "") for name in _OTHERS), _widest(said.get(_OTHER_SET, ""))]
    hidden = [each for each in lazy if not _SWITCH.fullmatch(each.strip())]
    hidden += [each for each in others if _PICTURE.fullmatch(each.strip())]
    plain = said.get("src", "")
    is_placeholder = not plain or plain.startswith("data:") or bool(hidden)
    order = [*hidden, _widest(said.get("srcset", "")), plain] if is_placeholder else [plain]
    return next((url for each in order if (url := web_address(each, base))), "")


def _widest(srcset: str) -> str:
    """The address of the widest candidate (HTML, 4.8.4.2.1 “Srcset attributes”)."""
    best, widest = "", -1.0
    at, text = 0, srcset[:8_192]
    while candidate := _CANDIDATE.match(text, at):
        address, at = candidate[1].rstrip(","), candidate.end()
        if address != candidate[1]:
            at = candidate.end(1)
        number = _WIDTH.match(text, candidate.end(1), at)
        width = float(number[1]) if number else 0.0
        if address and width > widest:
            best, widest = address, width
    return best
