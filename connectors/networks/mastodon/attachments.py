"""A status's attachments: pictures, videos and sounds as Attachments, others as links. Pure."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable
from html import escape
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

from connectors.contract import Attachment
from connectors.networks.mastodon.entities import Focus, Media, Meta, Side, part
from connectors.networks.mastodon.people import words_of
from connectors.networks.mastodon.values import count, string
from connectors.text.characters import visible
from connectors.text.hosts import host_of
from connectors.text.urls import web

LARGEST: Final = 100_000  # pixels; a larger number is not credible
MAX_LINKS: Final = 4  # to attachments of unknown kinds
KINDS: Final[dict[str, Literal["image", "video", "gif", "audio"]]] = {
    "image": "image",
    "gifv": "gif",
    "video": "video",
    "audio": "audio",
}


def attachment_of(media: Media) -> Attachment | None:
    """The Attachment, or None if a card can't show its kind."""
    url = web(media.url) or web(media.remote_url)
    kind = KINDS.get(string(media.type)) or _kind_by_name(web(media.remote_url) or url)
    if not url or not kind:
        return None
    if kind == "image" and urlsplit(url).path.lower().endswith(".gif"):
        kind = "gif"  # GoToSocial calls it an image
    meta = part(media.meta, Meta) or Meta()
    sides = (part(meta.original, Side), part(meta.small, Side))
    width, height = next(filter(all, ((_pixels(side.width), _pixels(side.height)) for side in sides if side)), (0, 0))
    focus = part(meta.focus, Focus)
    return Attachment(
        kind=kind,
        url=url,
        preview=_still(web(media.preview_url), url, kind),
        alt=words_of(media.description),
        width=width,
        height=height,
        focus=(_within(focus.x, 1), _within(focus.y, 1)) if focus else None,
        blurhash=string(media.blurhash),
    )


def _pixels(value: Any) -> int:
    return min(count(value) or 0, LARGEST)


def links_to(unknown: Iterable[Media]) -> str:
    """Links to attachments of unknown kinds, named by description, file name or site."""
    found: list[str] = []
    for media in unknown:
        if len(found) == MAX_LINKS:
            break
        url = web(media.remote_url) or web(media.url)
        name = visible(string(media.description)) or visible(unquote(urlsplit(url).path).rpartition("/")[2])
        if url:
            found.append(f'<p><a href="{escape(url)}">{escape(name or host_of(url))}</a></p>')
    return "".join(found)


def _kind_by_name(url: str) -> Literal["image", "video", "gif", "audio"] | None:
    """The kind of an `unknown` attachment (not fetched, or unknown to its server), by its file name's ending."""
    guess = (mimetypes.guess_type(urlsplit(url).path)[0] or "").partition("/")[0]
    return KINDS.get(guess)


def _still(preview: str, url: str, kind: str) -> str:
    """The still picture, or nothing: Pleroma gives the video itself as its own preview."""
    if kind == "gif" and urlsplit(url).path.lower().endswith(".gif"):
        return preview or url
    return preview if kind == "image" or preview != url else ""


def _within(value: float, bound: float) -> float:
    return min(bound, max(-bound, value)) if value == value else 0.0  # noqa: PLR0124  not a number
