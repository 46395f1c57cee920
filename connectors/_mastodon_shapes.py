"""The shapes of Mastodon's REST entities, as far as we read them: https://docs.joinmastodon.org/entities/.

It owns what must be there for a status to be readable at all, and what may be missing, null or strange on the many
servers that speak this API. It refuses to know what any of it means.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A foreign object. Unknown fields are ignored."""


class Emoji(Shape, frozen=True):
    shortcode: str
    url: str | None = None
    static_url: str | None = None


class Field(Shape, frozen=True):
    name: str | None = None
    value: str | None = None


class Account(Shape, frozen=True):
    id: str | int
    acct: str
    username: str | None = None
    url: str | None = None
    display_name: str | None = None
    note: str | None = None
    avatar: str | None = None
    avatar_static: str | None = None
    bot: bool | None = None
    noindex: bool | None = None
    emojis: Any = None
    fields: Any = None


class Side(Shape, frozen=True):
    """How large a medium is; `meta.original`, or `meta` itself for some films."""

    width: float | None = None
    height: float | None = None


class Focus(Shape, frozen=True):
    x: float
    y: float


class Meta(Shape, frozen=True):
    original: Any = None
    small: Any = None
    focus: Any = None


class Media(Shape, frozen=True):
    type: str = "unknown"
    url: str | None = None
    preview_url: str | None = None
    remote_url: str | None = None
    description: str | None = None
    blurhash: str | None = None
    meta: Any = None


class Option(Shape, frozen=True):
    title: str
    votes_count: int | None = None


class Ballot(Shape, frozen=True):
    options: list[Option]
    votes_count: int | None = None
    voters_count: int | None = None
    multiple: bool | None = None
    expires_at: datetime | None = None
    expired: bool | None = None
    emojis: Any = None


class Preview(Shape, frozen=True):
    url: str
    title: str | None = None
    description: str | None = None
    provider_name: str | None = None
    image: str | None = None


class Mentioned(Shape, frozen=True):
    acct: str
    url: str | None = None


class Tag(Shape, frozen=True):
    name: str


class Quoted(Shape, frozen=True):
    """A quote. Other servers put a bare status here, without asking its author: then `state` is empty."""

    state: str = ""
    quoted_status: Any = None


class Status(Shape, frozen=True):
    """A post, or a boost of one (`reblog`). Parts that a post can do without are read one by one (`part`, `parts`)."""

    id: str | int
    uri: str
    created_at: datetime
    account: Account
    visibility: str
    url: str | None = None
    content: str | None = None
    edited_at: datetime | None = None
    sensitive: bool | None = None
    spoiler_text: str | None = None
    language: str | None = None
    reblog: Any = None
    media_attachments: Any = None
    mentions: Any = None
    tags: Any = None
    emojis: Any = None
    poll: Any = None
    card: Any = None
    quote: Any = None


S = TypeVar("S", bound=Shape)


def read(data: object, shape: type[S]) -> S:
    """`data` in that shape. Raises msgspec.ValidationError with the path to what is wrong."""
    return msgspec.convert(data, shape, strict=False)


def part(data: object, shape: type[S]) -> S | None:
    """Some part that the whole can do without: None where it is missing or unreadable."""
    try:
        return read(data, shape)
    except msgspec.ValidationError:
        return None


def parts(data: object, shape: type[S]) -> list[S]:
    """The readable ones of a list of such parts."""
    return [found for entry in data if (found := part(entry, shape))] if isinstance(data, list) else []
