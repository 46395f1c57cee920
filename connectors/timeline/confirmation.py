"""What the origin of a post says itself, asked by ActivityPub because two other servers differ about it."""

from __future__ import annotations

import re
from collections.abc import Callable
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
from connectors.timeline.entries import UNSEEN_WARNING
from connectors.timeline.notes import ACTIVITY, MAX_OBJECT, Note, read_note, read_wish

T = TypeVar("T")

QUOTE_LINE: Final = re.compile(
    r'<p class="quote-inline">(?:(?!</p>).)*</p>'  # Mastodon's
    r"|(?:<span>)?(?:<br>\s*)*RE:\s*<a [^>]*>(?:(?!</a>).)*</a>(?:</span>)?(?=\s*(?:</p>)?\s*$)",  # Misskey's
    re.DOTALL,
)
"""The line “RE: …” of a quote, for programs that know no quotes: a server leaves it out of its own API, or adds it."""


async def confirm(http: Http, post: Post, *, titled: bool = False) -> Confirmation:
    """What the post's origin says, if it is the same, and whether the author's profile there has the wish.

    `titled` means that posts of this network have a title, which is compared, too.
    """
    try:
        note = await _ask(http, post)
    except ConnectorError:
        return Confirmation()
    html = _own_html(note, post) if _says(note, post, titled=titled) else None
    wish = await _wish(http, post, note.author)
    return Confirmation(html=html, attachments=note.attachments, sensitive=note.sensitive, wish=wish)


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


def _says(note: Note, post: Post, *, titled: bool) -> bool:
    """Whether they say the same, but for what our reading adds at the end (links to attachments) and cuts off."""
    said, added = (letters(QUOTE_LINE.sub("", html)) for html in (note.html, post.html))
    answers = [choice.title for choice in post.poll.choices] if post.poll else []
    return (
        (said == added or bool(said and added.startswith(said)))
        and (not titled or _bounded(post.title, MAX_NAME) == _bounded(note.title, MAX_NAME))
        and _warned(post.warning) == _warned(note.warning)
        and [_bounded(each, MAX_NAME) for each in answers] == [_bounded(each, MAX_NAME) for each in note.answers]
    )


def _warned(text: str) -> str:
    """The words of a warning; UNSEEN_WARNING for each that has no visible character, however that was read."""
    return _bounded(text, MAX_WARNING) if is_visible(text) or not text else UNSEEN_WARNING


def _bounded(text: str, most: int) -> str:
    """The words as our posts have them: cut off at that length, and nowhere else."""
    return " ".join(shorten(" ".join(text.split()), most).split())
