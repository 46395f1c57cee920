"""A Post and its parts, in the one shape that all networks share."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from connectors.contract.value import Value


class Person(Value, frozen=True):
    """An author. `handle` is the text that mentions them; `avatar` is a picture's URL."""

    name: str
    handle: str
    url: str
    avatar: str = ""
    bot: bool = False


class Attachment(Value, frozen=True):
    """One picture, video or sound. `url` is the original; `preview` a still picture of it (for images often `url`).

    `duration` is in whole seconds; 0 if it is not known.
    """

    kind: Literal["image", "video", "gif", "audio"]
    url: str
    preview: str = ""
    alt: str = ""
    width: int = 0
    height: int = 0
    focus: tuple[float, float] | None = None
    blurhash: str = ""
    duration: int = 0


class Choice(Value, frozen=True):
    """One answer of a poll; `votes` is None while the network keeps the count secret."""

    title: str
    votes: int | None = None


class Poll(Value, frozen=True):
    choices: tuple[Choice, ...]
    votes: int = 0
    voters: int | None = None
    multiple: bool = False
    closes_at: datetime | None = None
    closed: bool = False


class LinkCard(Value, frozen=True):
    """The preview of a linked page. `picture` is a URL."""

    url: str
    title: str
    site: str = ""
    description: str = ""
    picture: str = ""


class Quote(Value, frozen=True):
    """A quoted post. `html` is safe, exactly like Post.html."""

    key: str
    url: str
    author: Person
    html: str


class Mention(Value, frozen=True):
    handle: str
    url: str


class Post(Value, frozen=True):
    """One post, in the one shape that all networks share.

    `(network, key)` identifies it permanently: `key` is the network's own global id (an ActivityPub `uri`, an `at://`
    URI, a feed's guid), so a post seen through three servers is one post. `html` has passed `connectors/text/html.py`.
    Times are aware and in UTC. `opted_out` is the author's wish to be left out, in a few plain words.
    """

    network: str
    key: str
    url: str
    author: Person
    created_at: datetime
    indexed_at: datetime | None = None
    edited_at: datetime | None = None
    title: str = ""
    html: str = ""
    lang: str = ""
    warning: str = ""
    sensitive: bool = False
    media: tuple[Attachment, ...] = ()
    poll: Poll | None = None
    card: LinkCard | None = None
    quote: Quote | None = None
    emojis: dict[str, str] = {}
    tags: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    reply_to: str = ""
    opted_out: str = ""
