"""Mastodon's REST entities, as far as they are read: https://docs.joinmastodon.org/entities/.

The required fields of a post are typed; every other field is read by itself, so a broken one affects no other.
"""

from __future__ import annotations

import re
from typing import Any, Final

from connectors.contract.fields import Shape


class Emoji(Shape, frozen=True):
    shortcode: str
    url: Any = None
    static_url: Any = None


class Field(Shape, frozen=True):
    name: Any = None
    value: Any = None


class Account(Shape, frozen=True):
    id: str | int
    acct: str
    username: Any = None
    url: Any = None
    display_name: Any = None
    note: Any = None
    avatar: Any = None
    avatar_static: Any = None
    bot: Any = None
    noindex: Any = None
    emojis: Any = None
    fields: Any = None


class Side(Shape, frozen=True):
    """The size of an attachment; `meta.original`, or `meta` itself for some videos."""

    width: Any = None
    height: Any = None


class Focus(Shape, frozen=True):
    x: float
    y: float


class Meta(Shape, frozen=True):
    original: Any = None
    small: Any = None
    focus: Any = None


class Media(Shape, frozen=True):
    type: Any = "unknown"
    url: Any = None
    preview_url: Any = None
    remote_url: Any = None
    description: Any = None
    blurhash: Any = None
    meta: Any = None


class Option(Shape, frozen=True):
    title: Any = None
    votes_count: Any = None


class Ballot(Shape, frozen=True):
    options: Any
    votes_count: Any = None
    voters_count: Any = None
    multiple: Any = None
    expires_at: Any = None
    expired: Any = None
    emojis: Any = None


class Preview(Shape, frozen=True):
    url: str
    title: Any = None
    description: Any = None
    image: Any = None


class Mentioned(Shape, frozen=True):
    acct: str
    url: Any = None


class Tag(Shape, frozen=True):
    name: str


class Quoted(Shape, frozen=True):
    """A quote. Some servers put a bare status here, without asking its author: then `state` is empty."""

    state: Any = ""
    quoted_status: Any = None


class Status(Shape, frozen=True):
    """A post, or a boost of one (`reblog`)."""

    id: str | int
    uri: str
    account: Account
    visibility: str
    created_at: Any = None
    url: Any = None
    content: Any = None
    edited_at: Any = None
    local_only: Any = None
    sensitive: Any = None
    spoiler_text: Any = None
    language: Any = None
    reblog: Any = None
    media_attachments: Any = None
    mentions: Any = None
    tags: Any = None
    emojis: Any = None
    poll: Any = None
    card: Any = None
    quote: Any = None


_LEADING_ID: Final = re.compile(rb'\s*\[?\s*\{\s*"id"\s*:\s*(?:"([A-Za-z0-9_-]{1,100})"|(\d{1,30}))\s*,')


def leading_id(head: bytes) -> str:
    """The id at the beginning of a status in JSON, or of a list of them; empty if something else stands there."""
    found = _LEADING_ID.match(head)
    return (found[1] or found[2]).decode() if found else ""
