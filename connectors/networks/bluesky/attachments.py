"""The pictures and videos of a post as Attachments. Pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, urlsplit

from connectors.contract import Attachment
from connectors.contract.bounds import MAX_MEDIA
from connectors.contract.fields import words_of
from connectors.networks.bluesky.entities import Embed, External, Image, Ratio, part, parts
from connectors.networks.bluesky.values import pixels, string
from connectors.text.urls import web

GIFS: Final = frozenset({"media.tenor.com", "static.klipy.com"})
"""Hosts of the GIFs that Bluesky's app offers: it embeds them as links."""
GIF_LABELS: Final = ("alt:", "alt text:")
"""What the app writes before a GIF's alt text."""


def images_of(embed: Embed) -> tuple[Attachment, ...]:
    """The images of `embed.images`, or of `embed.gallery`."""
    listed = embed.images if embed.images is not None else embed.media
    return tuple(filter(None, map(_image, parts(listed, Image, 2 * MAX_MEDIA))))


def video_of(embed: Embed, post: str) -> Attachment | None:
    """The video. Its `url` is the post's address: a browser plays no HLS playlist by itself, and the app does."""
    if not web(embed.playlist):
        return None
    width, height = _size(embed.aspect_ratio)
    return Attachment(
        kind="video",
        url=post,
        preview=web(embed.thumbnail),
        alt=words_of(embed.alt),
        width=width,
        height=height,
    )


def gif_of(external: External) -> Attachment | None:
    """The GIF that the app has embedded as a link; None for any other link."""
    url = web(external.uri)
    parts_ = urlsplit(url)
    if (parts_.hostname or "") not in GIFS or not parts_.path.lower().endswith((".gif", ".webp", ".mp4")):
        return None
    said = parse_qs(parts_.query)
    width, height = (_number(said.get(name, [""])[0]) for name in ("ww", "hh"))
    return Attachment(
        kind="gif",
        url=url,
        preview=web(external.thumb),
        alt=_without_label(words_of(external.description)) or words_of(external.title),
        width=width if height else 0,
        height=height if width else 0,
    )


def _image(image: Image) -> Attachment | None:
    preview = web(image.thumb) or web(image.thumbnail)
    url = web(image.fullsize) or preview
    if not url:
        return None
    width, height = _size(image.aspect_ratio)
    return Attachment(
        kind="image", url=url, preview=preview or url, alt=words_of(image.alt), width=width, height=height
    )


def _size(said: object) -> tuple[int, int]:
    """Width and height, in pixels as far as apps know them; both 0 if one is missing."""
    ratio = part(said, Ratio) or Ratio()
    width, height = pixels(ratio.width), pixels(ratio.height)
    return (width, height) if width and height else (0, 0)


def _number(text: str) -> int:
    return pixels(int(text)) if len(text) <= 6 and text.isascii() and text.isdecimal() else 0  # noqa: PLR2004 (LARGEST)


def _without_label(text: str) -> str:
    for label in GIF_LABELS:
        if text.lower().startswith(label):
            return string(text[len(label) :]).strip()
    return text
