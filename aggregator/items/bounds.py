"""Bounding the body of a record: an oversized card loses emoji first, then media, and text last. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from aggregator.channel.publish import MAX_BODY
from aggregator.items.wire import Author, Body, Medium
from connectors.contract.bounds import MAX_NAME, url
from connectors.text.html import clean
from connectors.text.structure import shorten

MAX_WHY: Final = 500
"""Characters of the reason for an item's state in the desk's record."""
MAX_NOTE: Final = 280
"""Characters of a note for colleagues in the desk's record."""
ROOM_FOR_STATE: Final = 6 * 1024
MAX_CARD: Final = MAX_BODY - ROOM_FOR_STATE
"""Bytes of a card: the desk's record adds the state, the reason and the note, within the same bound as the wall's."""
FEW_MEDIA: Final = 4
SHORT_ALT: Final = 500
WORDS: Final = (8_000, 4_000, 2_000)
"""Characters of markup to which the text is shortened, step by step, until the card fits."""
MIN_WORDS: Final = 1_000
DRAWN: Final = re.compile(r'<img class="emoji" [^>]*?alt="([^"]*)"[^>]*>')


def encode(body: Body) -> bytes:
    """Return the card as JSON of at most MAX_CARD bytes, reduced step by step until it fits."""
    card = msgspec.json.encode(body)
    for step in STEPS:
        if len(card) <= MAX_CARD:
            break
        body = step(body)
        card = msgspec.json.encode(body)
    return card


def _without_emoji(body: Body) -> Body:
    """Replace pictures of emoji by their `:code:`."""
    quote = replace(body.quote, html=_undrawn(body.quote.html)) if body.quote else None
    return replace(body, html=_undrawn(body.html), quote=quote, emojis={})


def _undrawn(html: str) -> str:
    return DRAWN.sub(r"\1", html)


def _with_few_media(body: Body) -> Body:
    return replace(body, media=tuple(map(_with_short_alt, body.media[:FEW_MEDIA])))


def _with_short_alt(medium: Medium) -> Medium:
    return replace(medium, alt=shorten(medium.alt, SHORT_ALT))


def _with_words(most: int) -> Callable[[Body], Body]:
    def step(body: Body) -> Body:
        quote = replace(body.quote, html=_shortened(body.quote.html, most // 2)) if body.quote else None
        return replace(body, html=_shortened(body.html, most), quote=quote)

    return step


def _shortened(html: str, most: int) -> str:
    return html if len(html) <= most else clean(html, limit=most)


def _least(body: Body) -> Body:
    """Return the author, the dates, the link and the beginning of the text, which always fit."""
    return Body(
        network=body.network,
        url=url(body.url),
        author=_least_author(body.author),
        created_at=body.created_at,
        edited_at=body.edited_at,
        boosted_by=_least_author(body.boosted_by) if body.boosted_by else None,
        title=shorten(body.title, MAX_NAME),
        html=_shortened(body.html, MIN_WORDS),
        warning=shorten(body.warning, MAX_NAME),
        sensitive=body.sensitive,
        nugget=body.nugget,
    )


def _least_author(author: Author) -> Author:
    return Author(name=shorten(author.name, MAX_NAME), handle=shorten(author.handle, MAX_NAME), bot=author.bot)


STEPS: Final = (_without_emoji, _with_few_media, *map(_with_words, WORDS), _least)
