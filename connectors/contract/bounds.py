"""Limits of a Post, whichever connector made it. Pure.

The intake applies them to every post; a connector needs them only to keep the sandbox's reply small.

Text that is too long is shortened; a value of which half would mislead (an address, a picture) is left out. `MAX_…`
count characters of a text or items of a list.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from msgspec.structs import replace

from connectors.contract.post import Attachment, Choice, LinkCard, Mention, Person, Poll, Post, Quote
from connectors.text.html import LIMIT, clean
from connectors.text.structure import shorten

MAX_URL: Final = 2_048
MAX_NAME: Final = 300  # names, handles, titles, answers of a poll
MAX_WARNING: Final = 1_000
MAX_ALT: Final = 5_000
MAX_DESCRIPTION: Final = 1_000
MAX_MEDIA: Final = 16
MAX_CHOICES: Final = 20
MAX_TAGS: Final = 64
MAX_TAG: Final = 200
MAX_MENTIONS: Final = 64
MAX_EMOJIS: Final = 64
MAX_CODE: Final = 100
MAX_LANGUAGE: Final = 35  # RFC 5646, 4.4.1
MAX_BLURHASH: Final = 200
MAX_DURATION: Final = 7 * 86_400  # seconds; a longer recording is not credible
MIN_DATE: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Earlier dates are unset values, such as 1970, not real ones."""
MAX_VOTES: Final = 2**53 - 1  # the largest integer that every JSON reader keeps exactly


def bounded(post: Post) -> Post:
    """The same post within its limits; applying it twice changes nothing.

    A key is never shortened, since it would name another post. Raises ValueError where it is too long, or missing.
    """
    if not post.key:
        raise ValueError("it has no key")
    if len(post.key) > MAX_URL:
        raise ValueError(f"its key is too long ({len(post.key)} characters)")
    return replace(
        post,
        url=url(post.url),
        author=person(post.author),
        title=_name(post.title),
        html=_html(post.html),
        lang=post.lang if len(post.lang) <= MAX_LANGUAGE else "",
        warning=shorten(post.warning, MAX_WARNING),
        media=tuple(_attachment(each) for each in post.media[: 4 * MAX_MEDIA] if url(each.url))[:MAX_MEDIA],
        poll=_poll(post.poll) if post.poll else None,
        card=_card(post.card) if post.card and url(post.card.url) else None,
        quote=_quote(post.quote) if post.quote and url(post.quote.key) else None,
        emojis=_emojis(post.emojis),
        tags=tuple(tag for tag in post.tags[: 4 * MAX_TAGS] if len(tag) <= MAX_TAG)[:MAX_TAGS],
        mentions=tuple(_mention(each) for each in post.mentions[:MAX_MENTIONS]),
        reply_to=url(post.reply_to),
        opted_out=_name(post.opted_out),
    )


def url(text: str) -> str:
    """The address; empty if it is longer than MAX_URL."""
    return text if len(text) <= MAX_URL else ""


def person(author: Person) -> Person:
    """The same person within the limits."""
    return replace(
        author,
        name=_name(author.name),
        handle=_name(author.handle),
        url=url(author.url),
        avatar=url(author.avatar),
    )


def _name(text: str) -> str:
    return shorten(text, MAX_NAME)


def _html(html: str) -> str:
    """HTML of bounded length, also from a connector that does not clean it."""
    return html if len(html) <= LIMIT else clean(html, limit=LIMIT)


def _attachment(attachment: Attachment) -> Attachment:
    return replace(
        attachment,
        preview=url(attachment.preview),
        alt=shorten(attachment.alt, MAX_ALT),
        blurhash=attachment.blurhash if len(attachment.blurhash) <= MAX_BLURHASH else "",
        duration=attachment.duration if 0 < attachment.duration <= MAX_DURATION else 0,
    )


def _poll(poll: Poll) -> Poll:
    return replace(
        poll,
        choices=tuple(_choice(choice) for choice in poll.choices[:MAX_CHOICES]),
        votes=_count(poll.votes) or 0,
        voters=_count(poll.voters),
    )


def _choice(choice: Choice) -> Choice:
    return replace(choice, title=_name(choice.title), votes=_count(choice.votes))


def _count(votes: int | None) -> int | None:
    return None if votes is None else min(max(votes, 0), MAX_VOTES)


def _card(card: LinkCard) -> LinkCard:
    return replace(
        card,
        title=_name(card.title),
        site=_name(card.site),
        description=shorten(card.description, MAX_DESCRIPTION),
        picture=url(card.picture),
    )


def _quote(quote: Quote) -> Quote:
    return replace(quote, url=url(quote.url), author=person(quote.author), html=_html(quote.html))


def _emojis(emojis: dict[str, str]) -> dict[str, str]:
    kept = [(code, at) for code, at in emojis.items() if len(code) <= MAX_CODE and url(at)]
    return dict(kept[:MAX_EMOJIS])


def _mention(mention: Mention) -> Mention:
    return replace(mention, handle=_name(mention.handle), url=url(mention.url))
