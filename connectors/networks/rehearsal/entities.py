"""The lines of a conference archive, as docs/rehearsal.md describes them: the header, people and acts."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all lines: a misspelt field is a fault."""


class Header(Row, frozen=True, kw_only=True):
    """The first line. `emojis` maps a short code to its picture."""

    archive: Literal[1]
    name: str
    hashtag: str = ""
    time_zone: str = "UTC"
    about: str = ""
    emojis: dict[str, str] = {}


class Picture(Row, frozen=True, kw_only=True):
    """A picture. `file` lies beside the archive; `url` is the original elsewhere, for videos and sounds."""

    file: str = ""
    url: str = ""
    kind: Literal["image", "video", "gif", "audio"] = "image"
    alt: str = ""
    width: int = 0
    height: int = 0
    focus: tuple[float, float] | None = None


class Question(Row, frozen=True, kw_only=True):
    """A poll. `closes` counts seconds from its post."""

    choices: tuple[str, ...]
    votes: tuple[int, ...] = ()
    multiple: bool = False
    closes: float | None = None


class Card(Row, frozen=True, kw_only=True):
    url: str
    title: str
    site: str = ""
    description: str = ""
    picture: str = ""


class PersonRow(Row, frozen=True, kw_only=True, tag_field="act", tag="person"):
    """An author. `#nobot` or `#noindex` in the bio is their wish to be left out."""

    id: str
    name: str
    handle: str
    url: str
    avatar: str = ""
    bot: bool = False
    bio: str = ""


class Event(Row, frozen=True, kw_only=True):
    """An act on the post called `id`, `t` seconds after the opening (before it, if negative)."""

    t: float
    id: str


class PostEvent(Event, frozen=True, kw_only=True, tag_field="act", tag="post"):
    """A new post. With `aside` it appears under the hashtag only once a person boosts it."""

    by: str
    text: str = ""
    html: str = ""
    title: str = ""
    lang: str = ""
    url: str = ""
    warning: str = ""
    sensitive: bool = False
    pictures: tuple[Picture, ...] = ()
    poll: Question | None = None
    card: Card | None = None
    quote: str = ""
    reply_to: str = ""
    aside: bool = False


class EditEvent(Event, frozen=True, kw_only=True, tag_field="act", tag="edit"):
    """An edit: only the named fields change."""

    text: str | msgspec.UnsetType = msgspec.UNSET
    html: str | msgspec.UnsetType = msgspec.UNSET
    title: str | msgspec.UnsetType = msgspec.UNSET
    lang: str | msgspec.UnsetType = msgspec.UNSET
    warning: str | msgspec.UnsetType = msgspec.UNSET
    sensitive: bool | msgspec.UnsetType = msgspec.UNSET
    pictures: tuple[Picture, ...] | msgspec.UnsetType = msgspec.UNSET
    card: Card | msgspec.UnsetType | None = msgspec.UNSET

    FIELDS: ClassVar = ("text", "html", "title", "lang", "warning", "sensitive", "pictures", "card")

    def changes(self) -> dict[str, object]:
        values = ((field, getattr(self, field)) for field in self.FIELDS)
        return {field: value for field, value in values if value is not msgspec.UNSET}


class VoteEvent(Event, frozen=True, kw_only=True, tag_field="act", tag="votes"):
    """A poll's counts so far, one for each choice."""

    votes: tuple[int, ...]
    voters: int | None = None
    closed: bool = False


class BoostEvent(Event, frozen=True, kw_only=True, tag_field="act", tag="boost"):
    by: str


class DeleteEvent(Event, frozen=True, kw_only=True, tag_field="act", tag="delete"):
    """A deletion: no act on the post follows."""


AnyEvent = PostEvent | EditEvent | VoteEvent | BoostEvent | DeleteEvent
