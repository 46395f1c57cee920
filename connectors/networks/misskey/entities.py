"""Misskey's entities, as far as they are read: https://misskey-hub.net/docs/for-developers/api/.

The required fields of a note are typed; every other field is read by itself, so a broken one affects no other.
"""

from __future__ import annotations

from typing import Any

from connectors.contract.fields import Shape


class User(Shape, frozen=True, rename="camel"):
    """An author. `host` is None for those of the answering server."""

    id: str
    username: str
    host: Any = None
    name: Any = None
    avatar_url: Any = None
    is_bot: Any = None
    emojis: Any = None
    noindex: Any = None  # Sharkey
    require_signin_to_view_contents: Any = None


class Profile(Shape, frozen=True, rename="camel"):
    """An author in full, as `users/show` gives them."""

    id: str
    description: Any = None
    fields: Any = None
    noindex: Any = None
    is_suspended: Any = None
    is_deleted: Any = None


class Field(Shape, frozen=True, rename="camel"):
    name: Any = None
    value: Any = None


class File(Shape, frozen=True, rename="camel"):
    type: str
    url: Any = None
    thumbnail_url: Any = None
    name: Any = None
    comment: Any = None
    is_sensitive: Any = None
    blurhash: Any = None
    properties: Any = None


class Size(Shape, frozen=True, rename="camel"):
    width: Any = None
    height: Any = None


class Choice(Shape, frozen=True, rename="camel"):
    text: Any = None
    votes: Any = None


class Ballot(Shape, frozen=True, rename="camel"):
    choices: Any
    multiple: Any = None
    expires_at: Any = None


class Emoji(Shape, frozen=True, rename="camel"):
    """A custom emoji of Misskey 12; later versions give an object of names and addresses."""

    name: str
    url: Any = None


class Note(Shape, frozen=True, rename="camel"):
    """A note, a renote without words of its own (`renote`), or a quote. `uri` is only that of a remote note."""

    id: str
    user: User
    visibility: str
    created_at: Any = None
    updated_at: Any = None  # Sharkey
    text: Any = None
    cw: Any = None
    local_only: Any = None
    is_hidden: Any = None
    uri: Any = None
    url: Any = None
    files: Any = None
    poll: Any = None
    tags: Any = None
    emojis: Any = None
    renote_id: Any = None
    renote: Any = None
    reply_id: Any = None
    reply: Any = None
