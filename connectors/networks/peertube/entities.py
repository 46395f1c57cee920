"""PeerTube's entities, as far as they are read: https://docs.joinpeertube.org/api-rest-reference.html.

The required fields of a video are typed; every other field is read by itself, so a broken one affects no other.
"""

from __future__ import annotations

from typing import Any

from connectors.contract.fields import Shape


class Named(Shape, frozen=True):
    """A value with a number or code, such as a privacy or a language."""

    id: Any = None


class Privacy(Shape, frozen=True):
    id: int


class Image(Shape, frozen=True, rename="camel"):
    path: Any = None
    file_url: Any = None
    width: Any = None


class Account(Shape, frozen=True, rename="camel"):
    """The account that a video belongs to; `description` in full accounts only."""

    name: str
    host: str
    url: Any = None
    display_name: Any = None
    description: Any = None
    avatars: Any = None


class Video(Shape, frozen=True, rename="camel"):
    """A video of a list, or in full. `url` is its ActivityPub id; `tags` are there in full ones only."""

    uuid: str
    url: str
    account: Account
    privacy: Privacy
    name: Any = None
    published_at: Any = None
    truncated_description: Any = None
    description: Any = None
    duration: Any = None
    nsfw: Any = None
    nsfw_summary: Any = None
    language: Any = None
    thumbnail_path: Any = None
    thumbnail_url: Any = None
    preview_path: Any = None
    preview_url: Any = None
    aspect_ratio: Any = None
    blacklisted: Any = None
    tags: Any = None
