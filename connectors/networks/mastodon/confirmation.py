"""What the origin of a post says itself, asked because two other servers differ about it.

The origin is asked by ActivityPub (https://www.w3.org/TR/activitystreams-vocabulary/, Note and Question; `summary`
and `attachment` of the author's actor).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from connectors.contract import Confirmation, Post, Value
from connectors.contract.bounds import MAX_CHOICES, MAX_MEDIA
from connectors.errors import ConnectorError, InvalidResponse
from connectors.http.client import Http
from connectors.networks.mastodon.entities import Account
from connectors.networks.mastodon.origin import ACTIVITY, LARGEST, host_of_key
from connectors.networks.mastodon.people import opted_out, words_of
from connectors.networks.mastodon.posts import NETWORK
from connectors.networks.mastodon.values import string
from connectors.sandbox import SandboxCrashed
from connectors.text.html import READ_AT_MOST, clean, letters
from connectors.text.lenient_json import decode

T = TypeVar("T")


class Note(Value, frozen=True):
    """A post as its origin describes it; `author` is empty if that can't be read."""

    html: str
    warning: str
    answers: tuple[str, ...]
    attachments: int
    sensitive: bool
    author: str


async def confirm(http: Http, post: Post) -> Confirmation:
    """What the post's origin says, if it is the same, and whether the author's profile there has the wish."""
    try:
        note = await _ask(http, post.key)
    except ConnectorError:
        return Confirmation()
    html = note.html if _says(note, post) else None
    wish = await _wish(http, post, note.author)
    return Confirmation(html=html, attachments=note.attachments, sensitive=note.sensitive, wish=wish)


async def _ask(http: Http, key: str) -> Note:
    reply = await http.get(key, accept=ACTIVITY, limit=LARGEST)
    return await _run(http, read_note, reply.body, Note)


async def _wish(http: Http, post: Post, author: str) -> bool | None:
    if not post.opted_out or not author:
        return None
    if host_of_key(author) != host_of_key(post.key):
        return False
    try:
        reply = await http.get(author, accept=ACTIVITY, limit=LARGEST)
        return await _run(http, read_wish, reply.body, bool)
    except ConnectorError:
        return None


async def _run(http: Http, function: Callable[[bytes], T], body: bytes, returns: type[T]) -> T:
    try:
        return await http.sandbox(NETWORK).run(function, body, returns=returns, raises=InvalidResponse)
    except SandboxCrashed as error:
        raise InvalidResponse("Unreadable response: it takes too long to read.") from error


def _says(note: Note, post: Post) -> bool:
    """Whether they say the same, but for what our reading adds at the end (links to attachments) and cuts off."""
    said, added = letters(note.html), letters(post.html)
    answers = [choice.title for choice in post.poll.choices] if post.poll else []
    return (
        (said == added or bool(said and added.startswith(said)))
        and _is_cut(post.warning, note.warning)
        and len(answers) == len(note.answers)
        and all(map(_is_cut, answers, note.answers))
    )


def _is_cut(ours: str, whole: str) -> bool:
    """Whether our words are the whole ones, or their beginning."""
    ours, whole = " ".join(ours.split()), " ".join(whole.split())
    return ours == whole or (ours.endswith("…") and len(ours) > 1 and whole.startswith(ours[:-1].rstrip()))


# --- in the sandbox ---------------------------------------------------------------------------------------------


def read_note(body: bytes) -> Note:
    """The Note, or Question, of a response. Raises InvalidResponse."""
    found = _object(body)
    answers = found.get("oneOf") or found.get("anyOf") or []
    return Note(
        html=clean(string(_content(found), READ_AT_MOST)),
        warning=words_of(found.get("summary")),
        answers=tuple(words_of(answer.get("name")) for answer in _objects(answers)[:MAX_CHOICES]),
        attachments=min(len(_objects(found.get("attachment"))), MAX_MEDIA),
        sensitive=found.get("sensitive") is True,
        author=_author(found.get("attributedTo")),
    )


def _content(found: dict[str, Any]) -> Any:
    """The text; some servers give it by language alone."""
    by_language = found.get("contentMap")
    if "content" in found or not isinstance(by_language, dict):
        return found.get("content")
    return next(iter(by_language.values()), None)


def _author(said: Any) -> str:
    """The address of the author, who may be an object, or the first of several."""
    first = said[0] if isinstance(said, list) and said else said
    return string(first.get("id") if isinstance(first, dict) else first)


def read_wish(body: bytes) -> bool:
    """Whether the actor of a response asks to be left out. Raises InvalidResponse."""
    found = _object(body)
    fields = _objects(found.get("attachment"))
    return bool(opted_out(Account(id="", acct="", note=found.get("summary"), fields=fields)))


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
