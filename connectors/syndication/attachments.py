"""Pictures, videos and sounds beside an entry or inside its text, as Attachments. Nothing is fetched."""

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec

from connectors.contract import Attachment
from connectors.syndication.addresses import web_address
from connectors.syndication.entities import Enclosure, Entry
from connectors.syndication.pictures import pictures

ATTACHMENTS_AT_MOST: Final = 4

type_of_ending: Final[dict[str, Literal["image", "video", "audio"]]] = {
    "jpg": "image", "jpeg": "image", "png": "image", "gif": "image", "webp": "image", "avif": "image",
    "mp4": "video", "m4v": "video", "webm": "video", "mov": "video", "ogv": "video",
    "mp3": "audio", "m4a": "audio", "ogg": "audio", "oga": "audio", "opus": "audio", "wav": "audio", "flac": "audio",
}  # fmt: skip
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
        carried += pictures(entry.content) or pictures(entry.summary)
    return _distinct(carried)[:ATTACHMENTS_AT_MOST]


def _attachment(found: Enclosure, url: str, thumbnail: str) -> Attachment | None:
    address = web_address(found.url, url)
    kind = _kind(found, address) if address else None
    if kind is None:
        return None
    preview = address if kind == "image" else thumbnail
    return Attachment(kind=kind, url=address, preview=preview, alt=found.alt, width=found.width, height=found.height)


def _kind(found: Enclosure, address: str) -> Literal["image", "video", "audio"] | None:
    """The kind by the type that the feed gives, else by the ending of the web address."""
    for said in (found.type.partition("/")[0].strip().lower(), found.medium.strip().lower()):
        match said:
            case "image" | "video" | "audio":
                return None if "svg" in found.type else said
            case "application" if "octet-stream" not in found.type:
                return None
    return type_of_ending.get(_ending(address))


def _ending(address: str) -> str:
    return urlsplit(address).path.rpartition(".")[2].lower()


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
