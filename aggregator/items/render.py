"""From a Post and the pictures that we keep to the Body of its record: what a card is drawn from.

Everything here is pure. It refuses to know the store, and which wall the post is on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import unescape

from aggregator.items.emoji import MARKUP, MAX_DRAWN, with_emojis, written
from aggregator.items.ids import post_id
from aggregator.items.wire import Author, Ballot, BallotChoice, Body, Link, Medium, Picture, Quoted
from aggregator.media.pictures import Wanted, picture_id
from aggregator.media.tables import Progress, StoredPicture
from aggregator.timestamps import from_micros
from connectors.contract import Attachment, LinkCard, Person, Poll, Post, Quote
from connectors.contract.bounds import MAX_CHOICES, MAX_EMOJIS, MAX_MEDIA
from connectors.text.characters import is_visible

MAX_PICTURES = 64
"""What one post may ask us to fetch: more than any real one, fewer than a hostile one would like."""

MAX_TAGS = 30
"""In a record: what follows a tag or leaves it out has been decided by then, on all of them."""


BEGINS_WITH_A_WORD = re.compile(rf"(?:{MARKUP.pattern})*[0-9A-Za-z]")
"""Most posts do: they show something, and no more of them need be read to know it."""


class PictureIndex:
    """The pictures of one network, looked up by the URL that a post gives for them."""

    def __init__(self, network: str, pictures: Mapping[str, StoredPicture]) -> None:
        self._network = network
        self._pictures = pictures

    def picture(self, url: str, purpose: str, width: int = 0, height: int = 0) -> Picture | None:
        """A file if there is one, else a placeholder of its shape; None if there is nothing to wait for."""
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
        """Those custom emoji that we have: code → picture. The others stay the words that they are."""
        found = {code: self.picture(url, "emoji") for code, url in named.items()}
        return {code: picture for code, picture in found.items() if picture is not None and picture.id}


def build(
    post: Post, pictures: Mapping[str, StoredPicture], boosted_by: Person | None = None, *, at: int | None = None
) -> Body:
    """The body of the post's record. `pictures` maps `picture_id` to what is known of each.

    `at` is the post's place in time, in microseconds: a date that lies after it, as dates to come do, is not believed.
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
    """Whether a card has more to it than an author: an empty one says nothing to anybody."""
    if body.media or body.poll or body.card or body.quote or "<img" in body.html:
        return True
    if BEGINS_WITH_A_WORD.match(body.html):
        return True
    return any(map(is_visible, (unescape(MARKUP.sub("", body.html)), body.title, body.warning)))


def wanted(post: Post, boosted_by: Person | None = None) -> list[Wanted]:
    """The pictures that the post's card needs, the most visible first; each once."""
    asked = {
        (url, purpose): Wanted(post.network, url, purpose, blurhash, width, height)
        for url, purpose, blurhash, width, height in _asked(post, boosted_by)
        if url
    }
    return list(asked.values())[:MAX_PICTURES]


def _edited_at(post: Post, created_at: datetime) -> datetime | None:
    """When it was edited; a stamp that is not later than the writing is not an edit."""
    edited_at = post.edited_at
    return edited_at if edited_at and edited_at != post.created_at and edited_at > created_at else None


def _asked(post: Post, boosted_by: Person | None) -> Iterator[tuple[str, str, str, int, int]]:
    """(URL, purpose, blurhash, width, height) of each picture; URLs may be empty."""
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
    """What to fetch to show an attachment at rest: an image itself, of all else the preview."""
    return (attachment.url or attachment.preview) if attachment.kind == "image" else attachment.preview


def _plain_words(post: Post) -> str:
    """Where a page puts custom emoji itself, because these are words and not HTML."""
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
    """`ada` of `@ada@quay.example`: what stands for an invisible name."""
    return handle.removeprefix("@").partition("@")[0] or handle


def _medium(attachment: Attachment, album: PictureIndex) -> Medium:
    return Medium(
        kind=attachment.kind,
        url=attachment.url,
        alt=attachment.alt,
        picture=album.picture(_still(attachment), "picture", attachment.width, attachment.height),
        focus=attachment.focus,
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
