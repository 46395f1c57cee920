"""From a PeerTube video to a Post: pure functions, no requests."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from connectors.contract import Attachment, Person, Post
from connectors.contract.bounds import MAX_TAGS
from connectors.contract.consent import wish_in
from connectors.contract.fields import count, language, moment, part, parts, perhaps, string, words_of
from connectors.networks.peertube.entities import Account, Image, Named, Video
from connectors.text.characters import visible
from connectors.text.hashtags import in_text
from connectors.text.hosts import shown_host
from connectors.text.html import from_text, plain
from connectors.text.urls import web

NETWORK: Final = "peertube"
PUBLIC: Final = 1
PRIVATE: Final = frozenset({3, 4, 5})
"""Private, internal, and with a password; 2 is unlisted: open to all, and not meant for public places."""
MAX_TEXT: Final = 10_000
MAX_AVATARS: Final = 8


def is_open(video: Video) -> bool:
    """Whether it is meant for everybody, and the server has not blocked it."""
    return video.privacy.id == PUBLIC and not perhaps(video.blacklisted)


def to_post(video: Video, origin: str, at: datetime) -> Post:
    """The Post of a public video, as the server at `origin` gives it. `at` replaces a time that can't be read.

    A list has the beginning of the description, and a full video has the same beginning. The date of a change is not
    read: each view changes it.
    """
    html = from_text(string(video.truncated_description, MAX_TEXT) or string(video.description, MAX_TEXT))
    title, is_sensitive = visible(string(video.name)), perhaps(video.nsfw)
    return Post(
        network=NETWORK,
        key=video.url,
        url=video.url,
        author=to_person(video.account, origin),
        created_at=moment(video.published_at) or at,
        title=title,
        html=html,
        lang=language((part(video.language, Named) or Named()).id),
        warning=words_of(video.nsfw_summary) if is_sensitive else "",
        sensitive=is_sensitive,
        media=(_attachment(video, origin),),
        tags=tuple(dict.fromkeys(in_text(f"{title}\n{plain(html)}")))[:MAX_TAGS],
    )


def name_of(account: Account) -> str:
    """`ada@peertube.example`, by which every server knows the account."""
    user = re.sub(r"[^\w.-]", "", account.name)
    return f"{user}@{shown_host(account.host)}"


def to_person(account: Account, origin: str) -> Person:
    name = name_of(account)
    images = parts(account.avatars, Image, MAX_AVATARS)
    largest = max(images, key=lambda image: count(image.width) or 0, default=Image())
    return Person(
        name=visible(string(account.display_name)) or name.partition("@")[0] or "?",
        handle=f"@{name}",
        url=web(account.url),
        avatar=_address(largest.file_url, largest.path, origin),
    )


def opted_out(account: Account) -> str:
    """The wish in the profile of a full account to be left out, as a sentence; empty if there is none."""
    return wish_in(string(account.description, MAX_TEXT))


def _attachment(video: Video, origin: str) -> Attachment:
    """The video, with its preview as the still; it is watched on its own page."""
    still = _address(video.preview_url, video.preview_path, origin)
    small = _address(video.thumbnail_url, video.thumbnail_path, origin)
    return Attachment(kind="video", url=video.url, preview=still or small, duration=count(video.duration) or 0)


def _address(url: Any, path: Any, origin: str) -> str:
    """A file's address: newer versions give it whole, older ones as a path on the answering server."""
    return web(url) or (web(origin + path) if isinstance(path, str) and path.startswith("/") else "")
