"""The body of a `post` record, from which a page draws a card: the wire format of docs/protocol.md.

Fields that have their default are left out on the wire.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from connectors.contract import Value


class Picture(Value, frozen=True):
    """A picture that this server has, or is fetching.

    Its files are `/media/{id}/s.webp` and `/media/{id}/l.webp`. While `id` is empty there is no file yet: show `color`.
    """

    id: str = ""
    color: str = ""
    width: int = 0
    height: int = 0


class Author(Value, frozen=True):
    name: str
    handle: str
    url: str = ""
    avatar: Picture | None = None
    bot: bool = False


class Medium(Value, frozen=True):
    """One attachment. `kind` is image, video, gif or audio; `url` leads to the original, on its own network."""

    kind: str
    url: str
    alt: str = ""
    picture: Picture | None = None
    focus: tuple[float, float] | None = None


class BallotChoice(Value, frozen=True):
    title: str
    votes: int | None = None


class Ballot(Value, frozen=True):
    choices: tuple[BallotChoice, ...]
    votes: int = 0
    voters: int | None = None
    multiple: bool = False
    closes_at: datetime | None = None
    closed: bool = False


class Link(Value, frozen=True):
    url: str
    title: str
    site: str = ""
    description: str = ""
    picture: Picture | None = None


class Quoted(Value, frozen=True):
    url: str
    author: Author
    html: str


class Body(Value, frozen=True):
    """One post for a page. `html` is safe, and has stored custom emoji drawn as pictures."""

    network: str
    url: str
    author: Author
    created_at: datetime
    edited_at: datetime | None = None
    boosted_by: Author | None = None
    title: str = ""
    html: str = ""
    lang: str = ""
    warning: str = ""
    sensitive: bool = False
    media: tuple[Medium, ...] = ()
    poll: Ballot | None = None
    card: Link | None = None
    quote: Quoted | None = None
    emojis: dict[str, Picture] = msgspec.field(default_factory=dict)
    tags: tuple[str, ...] = ()
    reply_to: str = ""
    nugget: bool = False
