"""From a Post and the pictures that we keep to the Body of its record: what a card is drawn from.

Everything here is pure. It refuses to know the store, and which wall the post is on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from aggregator.items.body import Author, Ballot, BallotChoice, Body, Link, Medium, Picture, Quoted
from aggregator.items.names import post_id
from aggregator.media.pictures import Wanted, picture_id
from aggregator.media.tables import Progress, StoredPicture
from connectors._base import Attachment, LinkCard, Person, Poll, Post, Quote

MOST_PICTURES = 64
"""What one post may ask us to fetch: more than any real one, fewer than a hostile one would like."""

MARKUP_OR_CODE = re.compile(
    r"""(?P<markup><(?:[^"'>]|"[^"]*"|'[^']*')*+>)|(?<![A-Za-z0-9:]):(?P<code>[A-Za-z0-9_+-]+):(?![A-Za-z0-9:])"""
)


class Album:
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


def build(post: Post, pictures: Mapping[str, StoredPicture], boosted_by: Person | None = None) -> Body:
    """The body of the post's record. `pictures` maps `picture_id` to what is known of each."""
    album = Album(post.network, pictures)
    emojis = album.emojis(post.emojis)
    plain = _plain_words(post)
    return Body(
        network=post.network,
        url=post.url,
        author=_author(post.author, album),
        created_at=post.created_at,
        edited_at=post.edited_at,
        boosted_by=_author(boosted_by, album) if boosted_by else None,
        title=post.title,
        html=with_emojis(post.html, emojis),
        lang=post.lang,
        warning=post.warning,
        sensitive=post.sensitive,
        media=tuple(_medium(attachment, album) for attachment in post.media),
        poll=_ballot(post.poll) if post.poll else None,
        card=_link(post.card, album) if post.card else None,
        quote=_quoted(post.quote, album, emojis) if post.quote else None,
        emojis={code: picture for code, picture in emojis.items() if f":{code}:" in plain},
        tags=post.tags,
        reply_to=post_id(post.network, post.reply_to) if post.reply_to else "",
    )


def wanted(post: Post, boosted_by: Person | None = None) -> list[Wanted]:
    """The pictures that the post's card needs, the most visible first; each once."""
    this = post_id(post.network, post.key)
    asked = {
        (url, purpose): Wanted(this, post.network, url, purpose, blurhash, width, height)
        for url, purpose, blurhash, width, height in _asked(post, boosted_by)
        if url
    }
    return list(asked.values())[:MOST_PICTURES]


def with_emojis(html: str, emojis: Mapping[str, Picture]) -> str:
    """Safe HTML with each `:code:` of its text, not of its tags, drawn as the picture that we keep."""
    if not emojis:
        return html

    def draw(match: re.Match[str]) -> str:
        picture = emojis.get(match["code"]) if match["code"] else None
        return match[0] if picture is None else _image(match["code"], picture)

    return MARKUP_OR_CODE.sub(draw, html)


def _image(code: str, picture: Picture) -> str:
    return (
        f'<img class="emoji" src="/media/{picture.id}/s.webp" alt=":{code}:" title=":{code}:"'
        f' width="{picture.width}" height="{picture.height}" loading="lazy">'
    )


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
    words = _all_words(post)
    for code, url in post.emojis.items():
        if f":{code}:" in words:
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


def _author(person: Person, album: Album) -> Author:
    return Author(
        name=person.name,
        handle=person.handle,
        url=person.url,
        avatar=album.picture(person.avatar, "avatar"),
        bot=person.bot,
    )


def _medium(attachment: Attachment, album: Album) -> Medium:
    return Medium(
        kind=attachment.kind,
        url=attachment.url,
        alt=attachment.alt,
        picture=album.picture(_still(attachment), "picture", attachment.width, attachment.height),
        focus=attachment.focus,
    )


def _ballot(poll: Poll) -> Ballot:
    return Ballot(
        choices=tuple(BallotChoice(title=choice.title, votes=choice.votes) for choice in poll.choices),
        votes=poll.votes,
        voters=poll.voters,
        multiple=poll.multiple,
        closes_at=poll.closes_at,
        closed=poll.closed,
    )


def _link(card: LinkCard, album: Album) -> Link:
    return Link(
        url=card.url,
        title=card.title,
        site=card.site,
        description=card.description,
        picture=album.picture(card.picture, "picture"),
    )


def _quoted(quote: Quote, album: Album, emojis: Mapping[str, Picture]) -> Quoted:
    return Quoted(url=quote.url, author=_author(quote.author, album), html=with_emojis(quote.html, emojis))
