"""From a Misskey note to a Post: pure functions, no requests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote as quoted

from connectors.contract import Choice, Poll, Post, Quote
from connectors.contract.bounds import MAX_CHOICES, MAX_EMOJIS, MAX_MEDIA
from connectors.contract.fields import count, flag, moment, part, parts, perhaps, string, words_of
from connectors.contract.origin import host_of_key, is_at
from connectors.networks.misskey.attachments import attachment_of, links_to
from connectors.networks.misskey.entities import Ballot, Emoji, File, Note, User
from connectors.networks.misskey.entities import Choice as Answer
from connectors.networks.misskey.mfm import MAX_TEXT, Rendered, render
from connectors.networks.misskey.people import host_of_user, opted_out, to_person
from connectors.text.characters import is_visible
from connectors.text.hashtags import MAX_TAG, fold
from connectors.text.html import clean, from_text
from connectors.text.urls import web
from connectors.timeline.entries import UNSEEN_WARNING, StrangeEntry

NETWORK: Final = "misskey"
MAX_POLL_LENGTH: Final = timedelta(days=3660)  # a later end is not meant seriously
MAX_TAGS: Final = 500
PUBLIC: Final = "public"
PRIVATE: Final = frozenset({"followers", "specified"})
"""Visibilities that only some may read; `home` is open to all, and not meant for public places."""
VISIBILITIES: Final = frozenset({PUBLIC, "home"}) | PRIVATE


def is_open(note: Note) -> bool:
    """Whether its author means it for everybody. A hidden note has lost its words: only some may read them."""
    return note.visibility == PUBLIC and not perhaps(note.local_only) and not perhaps(note.is_hidden)


def is_private(note: Note) -> bool:
    """Whether it is surely not public: what can't be read, or is unknown, ends no post."""
    return note.visibility in PRIVATE or flag(note.local_only)


def key_of(note: Note, origin: str) -> str:
    """The note's ActivityPub id, which a server gives for remote notes only. Raises StrangeEntry if it is missing."""
    if not isinstance(note.user.host, str):
        return f"{origin}/notes/{note.id}"
    key = web(note.uri)
    if not key or is_at(origin, key):
        raise StrangeEntry("its address is missing or invalid")
    return key


def to_post(note: Note, origin: str, at: datetime) -> Post:
    """The Post of a public note from the server at `origin`; pass the original of a renote.

    `at` replaces a time that can't be read. Raises StrangeEntry.
    """
    key = key_of(note, origin)
    created, edited = moment(note.created_at) or at, moment(note.updated_at)
    text = _text(note, origin)
    files = parts(note.files, File, 2 * MAX_MEDIA)
    attached = [(file, attachment_of(file)) for file in files]
    poll = part(note.poll, Ballot)
    return Post(
        network=NETWORK,
        key=key,
        url=_url(note, key),
        author=to_person(note.user, origin, key, web(note.url)),
        created_at=created,
        edited_at=edited if edited and edited > created else None,
        html=clean(text.html + links_to(file for file, found in attached if found is None)),
        warning=_warning(note),
        sensitive=any(perhaps(file.is_sensitive) for file in files),
        media=tuple(found for _, found in attached if found),
        poll=_poll(poll, created, at) if poll else None,
        quote=_quote(note, origin),
        emojis=_emojis(note, text, origin),
        tags=tags_of(note),
        mentions=text.mentions,
        reply_to=_reply_to(note, origin),
        opted_out=opted_out(note.user),
    )


def tags_of(note: Note) -> tuple[str, ...]:
    """The tags that the server lists, in their normal form, each once."""
    listed = note.tags[:MAX_TAGS] if isinstance(note.tags, list) else []
    names = (fold(tag) for tag in listed if isinstance(tag, str) and 0 < len(tag) <= MAX_TAG)
    return tuple(dict.fromkeys(names))


def quoted_note(note: Note) -> Note | None:
    """The note that it quotes, if that is public and its author has no wish to be left out."""
    found = part(note.renote, Note)
    return found if found and is_open(found) and not opted_out(found.user) else None


def _url(note: Note, key: str) -> str:
    url = web(note.url)
    return url if url and host_of_key(url) == host_of_key(key) else key


def _text(note: Note, origin: str) -> Rendered:
    return render(string(note.text, MAX_TEXT), host_of_user(note.user, origin), origin)


def _warning(note: Note) -> str:
    """The content warning; one without a visible character becomes a generic sentence."""
    words = words_of(note.cw)
    return words if is_visible(words) else "" if note.cw is None else UNSEEN_WARNING


def _poll(poll: Ballot, created: datetime, at: datetime) -> Poll | None:
    choices = tuple(
        Choice(title=words_of(answer.text), votes=count(answer.votes))
        for answer in parts(poll.choices, Answer, MAX_CHOICES)
    )
    if not choices:
        return None
    closes = moment(poll.expires_at)
    return Poll(
        choices=choices,
        votes=sum(choice.votes or 0 for choice in choices),
        multiple=flag(poll.multiple),
        closes_at=closes if closes and closes - created < MAX_POLL_LENGTH else None,
        closed=closes is not None and closes <= at,
    )


def _quote(note: Note, origin: str) -> Quote | None:
    """The quoted note; Misskey's authors let every public note be quoted."""
    found = quoted_note(note)
    if found is None:
        return None
    try:
        key = key_of(found, origin)
    except StrangeEntry:
        return None
    warning = _warning(found)
    return Quote(
        key=key,
        url=_url(found, key),
        author=to_person(found.user, origin, key, web(found.url)),
        html=from_text(warning) if warning else _text(found, origin).html,  # a warning covers
    )


def _reply_to(note: Note, origin: str) -> str:
    parent = part(note.reply, Note)
    try:
        return key_of(parent, origin) if parent else ""
    except StrangeEntry:
        return ""


def _emojis(note: Note, text: Rendered, origin: str) -> dict[str, str]:
    """Custom emoji by code. A server gives no addresses for its own, which follow one form."""
    codes = {*text.codes, *render(string(note.user.name), "", origin).codes} if _is_local(note.user) else set()
    own = {code: f"{origin}/emoji/{quoted(code)}.webp" for code in sorted(codes) if "@" not in code}
    return dict([*own.items(), *_named(note.user.emojis), *_named(note.emojis)][-MAX_EMOJIS:])


def _named(found: Any) -> Iterable[tuple[str, str]]:
    if isinstance(found, dict):
        pairs = list(found.items())[:MAX_EMOJIS]
    else:
        pairs = [(emoji.name, emoji.url) for emoji in parts(found, Emoji, MAX_EMOJIS)]
    return [(name, url) for name, address in pairs if isinstance(name, str) and (url := web(address))]


def _is_local(user: User) -> bool:
    return not isinstance(user.host, str)
