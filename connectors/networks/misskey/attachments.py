"""A note's files: pictures, videos and sounds as Attachments, others as links. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final, Literal

from connectors.contract import Attachment
from connectors.contract.fields import count, part, string, words_of
from connectors.networks.misskey.entities import File, Size
from connectors.text.characters import visible
from connectors.text.hosts import host_of
from connectors.text.urls import web

LARGEST: Final = 100_000  # pixels; a larger number is not credible
MAX_LINKS: Final = 4  # to files of other kinds
VECTOR: Final = "image/svg+xml"
KINDS: Final[dict[str, Literal["image", "video", "audio"]]] = {"image": "image", "video": "video", "audio": "audio"}


def attachment_of(file: File) -> Attachment | None:
    """The Attachment, or None if a card can't show its kind."""
    url, kind = web(file.url), KINDS.get(file.type.partition("/")[0])
    if not url or not kind or file.type == VECTOR:
        return None
    size = part(file.properties, Size) or Size()
    width, height = _pixels(size.width), _pixels(size.height)
    return Attachment(
        kind="gif" if file.type == "image/gif" else kind,
        url=url,
        preview=web(file.thumbnail_url) or (url if kind == "image" else ""),
        alt=words_of(file.comment),
        width=width if height else 0,
        height=height if width else 0,
        blurhash=string(file.blurhash),
    )


def links_to(others: Iterable[File]) -> str:
    """Links to files of other kinds, named by description, file name or site."""
    found: list[str] = []
    for file in others:
        url = web(file.url)
        if url and len(found) < MAX_LINKS:
            name = visible(string(file.comment)) or visible(string(file.name)) or host_of(url)
            found.append(f'<p><a href="{escape(url)}">{escape(name)}</a></p>')
    return "".join(found)


def _pixels(value: Any) -> int:
    return min(count(value) or 0, LARGEST)
