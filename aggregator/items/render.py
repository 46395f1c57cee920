"""Rendering a Post and its stored pictures to the Body of a record, from which a card is drawn. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import unescape

from aggregator.items.emoji import MARKUP, MAX_DRAWN, with_emojis, written
from aggregator.items.ids import post_id
from aggregator.items.wire import Author, Ballot, BallotChoice, Body, Link, Medium, Picture, Quoted
from aggregator.media.pictures import PictureView, Wanted, picture_id
from aggregator.media.tables import Progress
from aggregator.timestamps import from_micros
from connectors.contract import Attachment, LinkCard, Person, Poll, Post, Quote
from connectors.contract.bounds import MAX_CHOICES, MAX_EMOJIS, MAX_MEDIA
from connectors.text.characters import is_visible

MAX_PICTURES = 64
"""Pictures fetched for one post: more than any real post has."""

MAX_TAGS = 30
"""Tags in a record; filters by tag have already been applied to all of them."""


BEGINS_WITH_A_WORD = re.compile(rf"(?:{MARKUP.pattern})*[0-9A-Za-z]")
"""A quick test for visible content, which most posts pass."""


class PictureIndex:
    """The stored pictures of one network by their original URL."""

    def __init__(self, network: str, pictures: Mapping[str, PictureView]) -> None:
        self._network = network
        self._pictures = pictures

    def picture(self, url: str, purpose: str, width: int = 0, height: int = 0) -> Picture | None:
        """Return a ready picture, or a placeholder of its shape; None if it is unknown or refused."""
        stored = self._pictures.get(picture_id(self._network, url, purpose)) if url else None
        if stored is None or stored.progress == Progress.REFUSED:
            return None
        return Picture(
            id=stored.file if stored.progress == Progress.READY else "",
            color=stored.color,
            width=stored.width or width,
            height=stored.height or height,
        )

    def emojis(self, named: Mapping[str, str]) -> dict[str, Picture]:
        """Return the custom emoji that are ready: code → picture. The others remain text."""
        found = {code: self.picture(url, "emoji") for code, url in named.items()}
        return {code: picture for code, picture in found.items() if picture is not None and picture.id}


def build(
    post: Post, pictures: Mapping[str, PictureView], boosted_by: Person | None = None, *, at: int | None = None
) -> Body:
    """Return the body of the post's record. `pictures` are the stored pictures by `picture_id`.

    `at` is the post's timestamp in microseconds; a `created_at` after it, such as one in the future, is replaced by it.
    """
    album = PictureIndex(post.network, pictures)
    emojis = album.emojis(dict(list(post.emojis.items())[:MAX_EMOJIS]))
    html, drawn = with_emojis(post.html, emojis)
    created_at = post.created_at if at is None else min(post.created_at, from_micros(at))
    return Body(
        network=post.network,
        url=post.url,
        author=_author(post.author, album),
        created_at=created_at,
        edited_at=_edited_at(post, created_at),
        boosted_by=_author(boosted_by, album) if boosted_by else None,
        title=post.title,
        html=html,
        lang=post.lang,
        warning=post.warning,
        sensitive=post.sensitive,
        media=tuple(_medium(attachment, album) for attachment in post.media[:MAX_MEDIA]),
        poll=_ballot(post.poll) if post.poll else None,
        card=_link(post.card, album) if post.card else None,
        quote=_quoted(post.quote, album, emojis, MAX_DRAWN - drawn) if post.quote else None,
        emojis={code: emojis[code] for code in sorted(written(_plain_words(post), emojis))},
        tags=post.tags[:MAX_TAGS],
        reply_to=post_id(post.network, post.reply_to) if post.reply_to else "",
    )


def shows_anything(body: Body) -> bool:
    """Whether a card shows more than its author."""
    if body.media or body.poll or body.card or body.quote or "<img" in body.html:
        return True
    if BEGINS_WITH_A_WORD.match(body.html):
        return True
    return any(map(is_visible, (unescape(MARKUP.sub("", body.html)), body.title, body.warning)))


def wanted(post: Post, boosted_by: Person | None = None) -> list[Wanted]:
    """Return the pictures that the post's card needs, each once, the most visible first."""
    asked = {
        (url, purpose): Wanted(post.network, url, purpose, blurhash, width, height)
        for url, purpose, blurhash, width, height in _asked(post, boosted_by)
        if url
    }
    return list(asked.values())[:MAX_PICTURES]


def _edited_at(post: Post, created_at: datetime) -> datetime | None:
    """Return when the post was edited; a timestamp that is not later than `created_at` is not an edit."""
    edited_at = post.edited_at
    return edited_at if edited_at and edited_at != post.created_at and edited_at > created_at else None


def _asked(post: Post, boosted_by: Person | None) -> Iterator[tuple[str, str, str, int, int]]:
    """Yield (URL, purpose, blurhash, width, height) of each picture; URLs may be empty."""
    yield post.author.avatar, "avatar", "", 0, 0
    for attachment in post.media:
        yield _still(attachment), "picture", attachment.blurhash, attachment.width, attachment.height
    if post.card:
        yield post.card.picture, "picture", "", 0, 0
    for person in (boosted_by, post.quote.author if post.quote else None):
        if person:
            yield person.avatar, "avatar", "", 0, 0
    there = written(_all_words(post), post.emojis)
    for code, url in post.emojis.items():
        if code in there:
            yield url, "emoji", "", 0, 0


def _still(attachment: Attachment) -> str:
    """Return the URL of an attachment's still picture: the image itself, or the preview of other kinds."""
    return (attachment.url or attachment.preview) if attachment.kind == "image" else attachment.preview


def _plain_words(post: Post) -> str:
    """Return the plain text of a post, in which the page draws custom emoji itself."""
    choices = post.poll.choices if post.poll else ()
    return "\n".join((post.author.name, post.title, post.warning, *(choice.title for choice in choices)))


def _all_words(post: Post) -> str:
    return "\n".join((_plain_words(post), post.html, post.quote.html if post.quote else ""))


def _author(person: Person, album: PictureIndex) -> Author:
    return Author(
        name=person.name if is_visible(person.name) else _user_of(person.handle),
        handle=person.handle,
        url=person.url,
        avatar=album.picture(person.avatar, "avatar"),
        bot=person.bot,
    )


def _user_of(handle: str) -> str:
    """Return `ada` for `@ada@quay.example`, in place of an invisible name."""
    return handle.removeprefix("@").partition("@")[0] or handle


def _medium(attachment: Attachment, album: PictureIndex) -> Medium:
    return Medium(
        kind=attachment.kind,
        url=attachment.url,
        alt=attachment.alt,
        picture=album.picture(_still(attachment), "picture", attachment.width, attachment.height),
        focus=attachment.focus,
        duration=attachment.duration,
    )


def _ballot(poll: Poll) -> Ballot:
    return Ballot(
        choices=tuple(BallotChoice(title=choice.title, votes=choice.votes) for choice in poll.choices[:MAX_CHOICES]),
        votes=poll.votes,
        voters=poll.voters,
        multiple=poll.multiple,
        closes_at=poll.closes_at,
        closed=poll.closed,
    )


def _link(card: LinkCard, album: PictureIndex) -> Link:
    return Link(
        url=card.url,
        title=card.title,
        site=card.site,
        description=card.description,
        picture=album.picture(card.picture, "picture"),
    )


def _quoted(quote: Quote, album: PictureIndex, emojis: Mapping[str, Picture], most: int) -> Quoted:
    html, _ = with_emojis(quote.html, emojis, most=most)
    return Quoted(url=quote.url, author=_author(quote.author, album), html=html)
