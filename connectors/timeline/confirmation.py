"""What the origin of a post says itself, asked by ActivityPub or its own API, because two other servers differ."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from connectors.contract import Confirmation, Post
from connectors.contract.bounds import MAX_NAME, MAX_WARNING
from connectors.contract.origin import host_of_key
from connectors.errors import ConnectorError, InvalidResponse
from connectors.http.client import Http
from connectors.sandbox import SandboxCrashed
from connectors.text.characters import is_visible
from connectors.text.html import letters
from connectors.text.structure import shorten
from connectors.timeline.entries import UNSEEN_WARNING, Entry
from connectors.timeline.notes import ACTIVITY, MAX_OBJECT, Note, read_note, read_wish
from connectors.timeline.wishes import LookUp

T = TypeVar("T")

QUOTE_LINE: Final = re.compile(
    r'<p class="quote-inline">(?:(?!</p>).)*</p>'  # Mastodon's
    r"|(?:<span>)?(?:<br>\s*)*RE:\s*<a [^>]*>(?:(?!</a>).)*</a>(?:</span>)?(?=\s*(?:</p>)?\s*$)",  # Misskey's
    re.DOTALL,
)
"""The line “RE: …” of a quote, for programs that know no quotes: a server leaves it out of its own API, or adds it."""


async def confirm(http: Http, post: Post) -> Confirmation:
    """What the post's origin says, if it is the same, and whether the author's profile there has the wish."""
    try:
        note = await _ask(http, post)
    except ConnectorError:
        return Confirmation()
    html = _own_html(note, post) if _says(note, post) else None
    wish = await _wish(http, post, note.author)
    return Confirmation(html=html, attachments=note.attachments, sensitive=note.sensitive, wish=wish)


async def confirm_by_api(look: Callable[[], Awaitable[Entry]], wishes: LookUp, post: Post) -> Confirmation:
    """The same by the origin's own API, for programs whose ActivityPub says less than their API.

    `look` asks for the post, and `wishes` for the author's profile if the post has a wish.
    """
    try:
        entry = await look()
        own = entry.post
        if own is None or entry.key != post.key:
            return Confirmation()
        found = {entry.author: own.opted_out} if own.opted_out else {}
        if post.opted_out and not found:
            found = await wishes([entry.author])
    except ConnectorError:
        return Confirmation()
    wish = bool(found[entry.author]) if post.opted_out and entry.author in found else None
    html = own.html if _words(own) == _words(post) else None
    return Confirmation(html=html, attachments=own.media, sensitive=own.sensitive, wish=wish)


async def _ask(http: Http, post: Post) -> Note:
    reply = await http.get(post.key, accept=ACTIVITY, limit=MAX_OBJECT)
    return await _run(http, post, read_note, reply.body, Note)


async def _wish(http: Http, post: Post, author: str) -> bool | None:
    if not post.opted_out or not author:
        return None
    if host_of_key(author) != host_of_key(post.key):
        return False
    try:
        reply = await http.get(author, accept=ACTIVITY, limit=MAX_OBJECT)
        return await _run(http, post, read_wish, reply.body, bool)
    except ConnectorError:
        return None


async def _run(http: Http, post: Post, function: Callable[[bytes], T], body: bytes, returns: type[T]) -> T:
    try:
        return await http.sandbox(post.network).run(function, body, returns=returns, raises=InvalidResponse)
    except SandboxCrashed as error:
        raise InvalidResponse("Unreadable response: it takes too long to read.") from error


def _own_html(note: Note, post: Post) -> str:
    """The origin's HTML; without the line of a quote where our reading of the post has none."""
    return note.html if QUOTE_LINE.search(post.html) else QUOTE_LINE.sub("", note.html)


def _says(note: Note, post: Post) -> bool:
    """Whether they say the same, but for what our reading adds at the end (links to attachments) and cuts off."""
    said, added = (letters(QUOTE_LINE.sub("", html)) for html in (note.html, post.html))
    answers = [choice.title for choice in post.poll.choices] if post.poll else []
    return (
        (said == added or bool(said and added.startswith(said)))
        and _warned(post.warning) == _warned(note.warning)
        and [_bounded(each, MAX_NAME) for each in answers] == [_bounded(each, MAX_NAME) for each in note.answers]
    )


def _words(post: Post) -> tuple[object, ...]:
    """All words of a post, in which two servers of one program agree."""
    answers = [choice.title for choice in post.poll.choices] if post.poll else []
    return letters(post.html), " ".join(post.title.split()), _warned(post.warning), answers


def _warned(text: str) -> str:
    """The words of a warning; UNSEEN_WARNING for each that has no visible character, however that was read."""
    return _bounded(text, MAX_WARNING) if is_visible(text) or not text else UNSEEN_WARNING


def _bounded(text: str, most: int) -> str:
    """The words as our posts have them: cut off at that length, and nowhere else."""
    return " ".join(shorten(" ".join(text.split()), most).split())
