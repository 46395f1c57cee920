"""What a post's origin says of it, and an author's server of the author, by ActivityPub. It runs in the sandbox.

https://www.w3.org/TR/activitystreams-vocabulary/: Note, Question and their `attachment`; an actor's `summary`
and `attachment`. Mastodon's pictures: https://docs.joinmastodon.org/spec/activitypub/.
"""

from __future__ import annotations

import mimetypes
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from connectors.contract import Attachment, Value
from connectors.contract.bounds import MAX_CHOICES, MAX_MEDIA
from connectors.contract.consent import wish_in
from connectors.contract.fields import count, string, words_of
from connectors.errors import InvalidResponse
from connectors.text.characters import is_visible
from connectors.text.html import READ_AT_MOST, clean
from connectors.text.lenient_json import decode
from connectors.text.urls import web
from connectors.timeline.entries import UNSEEN_WARNING

ACTIVITY: Final = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
MAX_OBJECT: Final = 1024 * 1024
"""Bytes of a post or an actor."""
MAX_ATTACHMENTS: Final = 4 * MAX_MEDIA
MAX_SIDE: Final = 100_000  # pixels; a larger number is not credible
MAX_NOTE: Final = 20_000
MAX_FIELDS: Final = 16
MAX_FIELD: Final = 2_000
KINDS: Final[dict[str, Literal["image", "video", "audio"]]] = {"image": "image", "video": "video", "audio": "audio"}


class Note(Value, frozen=True):
    """A post as its origin describes it; `author` is empty if that can't be read."""

    html: str
    warning: str
    answers: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    sensitive: bool
    author: str


def read_note(body: bytes) -> Note:
    """The Note, or Question, of a response. Raises InvalidResponse."""
    found = _object(body)
    answers = found.get("oneOf") or found.get("anyOf") or []
    attached = _objects(found.get("attachment"))[:MAX_ATTACHMENTS]
    return Note(
        html=clean(string(_content(found), READ_AT_MOST)),
        warning=_warning(found.get("summary")),
        answers=tuple(words_of(answer.get("name")) for answer in _objects(answers)[:MAX_CHOICES]),
        attachments=tuple(each for each in map(_attachment, attached) if each)[:MAX_MEDIA],
        sensitive=found.get("sensitive") is True,
        author=_author(found.get("attributedTo")),
    )


def read_wish(body: bytes) -> bool:
    """Whether the actor of a response asks to be left out. Raises InvalidResponse."""
    found = _object(body)
    fields = _objects(found.get("attachment"))[:MAX_FIELDS]
    words = [f"{string(field.get('name'), MAX_FIELD)} {string(field.get('value'), MAX_FIELD)}" for field in fields]
    return bool(wish_in(string(found.get("summary"), MAX_NOTE), *words))


def _content(found: dict[str, Any]) -> Any:
    """The text; some servers give it by language alone."""
    by_language = found.get("contentMap")
    if "content" in found or not isinstance(by_language, dict):
        return found.get("content")
    return next(iter(by_language.values()), None)


def _warning(summary: Any) -> str:
    """The warning as connectors read it: the words of one without a visible character are replaced."""
    words = words_of(summary)
    return words if is_visible(words) else UNSEEN_WARNING if string(summary).strip() else ""


def _attachment(found: dict[str, Any]) -> Attachment | None:
    """The Attachment of a Document, Image, Video or Audio; None if a card can't show it."""
    url, type_ = _address(found)
    kind = KINDS.get(type_.partition("/")[0]) or KINDS.get(string(found.get("type")).lower())
    if not url or not kind or type_ == "image/svg+xml":
        return None
    width, height = (min(count(found.get(side)) or 0, MAX_SIDE) for side in ("width", "height"))
    return Attachment(
        kind="gif" if type_ == "image/gif" else kind,
        url=url,
        preview=url if kind == "image" else "",
        alt=words_of(found.get("summary")) or words_of(found.get("name")),
        width=width if height else 0,
        height=height if width else 0,
        blurhash=string(found.get("blurhash")),
    )


def _address(found: dict[str, Any]) -> tuple[str, str]:
    """The address and media type of an attachment, whose `url` may be a Link or a list of them."""
    said = found.get("url") or found.get("href")
    first = said[0] if isinstance(said, list) and said else said
    link = first if isinstance(first, dict) else {}
    url = web(link.get("href") if link else first)
    named = string(found.get("mediaType")) or string(link.get("mediaType"))
    return url, (named or mimetypes.guess_type(urlsplit(url).path)[0] or "").lower()


def _author(said: Any) -> str:
    """The address of the author, who may be an object, or the first of several."""
    first = said[0] if isinstance(said, list) and said else said
    return string(first.get("id") if isinstance(first, dict) else first)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = decode(body)
    except ValueError as error:
        raise InvalidResponse("Invalid JSON in a response.") from error
    if not isinstance(found, dict):
        raise InvalidResponse("Invalid response: it is not an object.")
    return found


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; a single object is a list of one."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]
