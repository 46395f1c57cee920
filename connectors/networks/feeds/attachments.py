"""Pictures, videos and sounds beside an entry or inside its text, as Attachments. Nothing is fetched."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final, Literal
from urllib.parse import parse_qsl, urljoin, urlsplit

import msgspec

from connectors.contract import Attachment
from connectors.networks.feeds.entities import Enclosure, Entry, Words, line, pixels
from connectors.text.html import READ_AT_MOST

ATTACHMENTS_AT_MOST: Final = 4
SMALLEST_PICTURE: Final = 48  # pixels; a smaller picture is a counter, a smiley or a button

type_of_ending: Final[dict[str, Literal["image", "video", "audio"]]] = {
    "jpg": "image", "jpeg": "image", "png": "image", "gif": "image", "webp": "image", "avif": "image",
    "mp4": "video", "m4v": "video", "webm": "video", "mov": "video", "ogv": "video",
    "mp3": "audio", "m4a": "audio", "ogg": "audio", "oga": "audio", "opus": "audio", "wav": "audio", "flac": "audio",
}  # fmt: skip
_NOT_IN_HOSTS: Final = re.compile(r"[^\w.:\[\]-]")  # a user name before the host is never honest
_BLANK: Final = re.compile(r"[\x00-\x20\x7f]")
_SIZES: Final = frozenset(
    {"w", "h", "width", "height", "size", "quality", "q", "s", "dpr", "fit", "crop", "auto", "resize"}
)


def attachments(entry: Entry, url: str) -> tuple[Attachment, ...]:
    """The entry's enclosures, else its thumbnail, else the pictures in its text. `url` resolves relative addresses."""
    thumbnail = web_address(entry.thumbnail, url)
    carried = [made for enclosure in entry.enclosures if (made := _attachment(enclosure, url, thumbnail))]
    if not carried and thumbnail:
        carried = [Attachment(kind="image", url=thumbnail, preview=thumbnail)]
    if not any(each.kind == "image" or each.preview for each in carried):
        carried += _pictures(entry.content) or _pictures(entry.summary)
    return _distinct(carried)[:ATTACHMENTS_AT_MOST]


def web_address(url: str, base: str) -> str:
    """The absolute web address that a feed's value means, or empty."""
    try:
        address = urljoin(base, url.strip()) if url.strip() else ""
        parts = urlsplit(address)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    return address if is_web and not _NOT_IN_HOSTS.search(parts.netloc) and not _BLANK.search(address) else ""


def _attachment(found: Enclosure, url: str, thumbnail: str) -> Attachment | None:
    address, kind = web_address(found.url, url), _kind(found)
    if not address or kind is None:
        return None
    preview = address if kind == "image" else thumbnail
    return Attachment(kind=kind, url=address, preview=preview, alt=found.alt, width=found.width, height=found.height)


def _kind(found: Enclosure) -> Literal["image", "video", "audio"] | None:
    ending = urlsplit(found.url).path.rpartition(".")[2].lower() if "://[" not in found.url else ""
    for said in (found.type.partition("/")[0].strip().lower(), found.medium.strip().lower()):
        match said:
            case "image" | "video" | "audio":
                return None if "svg" in found.type else said
            case "application" if "octet-stream" not in found.type:
                return None
    return type_of_ending.get(ending)


def _distinct(found: list[Attachment]) -> tuple[Attachment, ...]:
    """Each picture once, in order: of several sizes the widest."""
    best: dict[str, Attachment] = {}
    for each in found:
        name = _name(each.url)
        known = best.get(name)
        if known is None:
            best[name] = each
        elif each.width > known.width or (each.alt and not known.alt):
            best[name] = msgspec.structs.replace(each, alt=each.alt or known.alt)
    return tuple(best.values())


def _name(url: str) -> str:
    """A picture's address without its size."""
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query) if pair[0].lower() not in _SIZES]
    return f"{parts.netloc}{parts.path}?{query}"


def _pictures(words: Words) -> list[Attachment]:
    reader = _Images(words.base)
    reader.feed(words.html[:READ_AT_MOST])
    return reader.found


class _Images(HTMLParser):
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
        if tag != "img" or len(self.found) >= ATTACHMENTS_AT_MOST:
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
    """The picture's own address: lazy-loading pages have it beside a placeholder."""
    lazy = [said.get(name, "") for name in ("data-src", "data-original", "data-lazy-src", "data-orig-file")]
    sets = [_widest(said.get(name, "")) for name in ("data-srcset", "data-lazy-srcset", "srcset")]
    plain = said.get("src", "")
    is_placeholder = not plain or plain.startswith("data:") or any(lazy) or bool(sets[0] or sets[1])
    order = [*lazy, *sets, plain] if is_placeholder else [plain]
    return next((url for each in order if (url := web_address(each, base))), "")


def _widest(srcset: str) -> str:
    """The address of the widest candidate (HTML, 4.8.4.2.1 “Srcset attributes”)."""
    best, widest = "", -1.0
    for candidate in srcset[:8_192].split(", "):
        address, _, size = candidate.strip().rstrip(",").partition(" ")
        number = re.match(r"\s*([0-9.]{1,8})[wx]", size)
        width = float(number[1]) if number and number[1].count(".") <= 1 and number[1] != "." else 0.0
        if address and width > widest:
            best, widest = address, width
    return best
