"""From an entry of a YouTube feed to a Post: pure functions, no requests."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from connectors.contract import Attachment, Person, Post
from connectors.contract.bounds import MAX_TAGS
from connectors.networks.youtube.addresses import SITE
from connectors.syndication.entities import Entry
from connectors.text.hashtags import in_text
from connectors.text.html import clean, plain
from connectors.text.urls import web

DESCRIPTION_LENGTH: Final = 1_000
"""Characters of HTML: what follows in a description are links to shops and the times of chapters."""


def to_post(entry: Entry, network: str, id_: str, at: datetime) -> Post:
    """The Post of the video with this id. `at` replaces a time that can't be read.

    The date of a change is not read: each view changes it.
    """
    url = f"{SITE}/watch?v={id_}"
    html = clean(entry.summary.html, base=SITE, limit=DESCRIPTION_LENGTH)
    return Post(
        network=network,
        key=f"yt:video:{id_}",
        url=url,
        author=to_person(entry),
        created_at=entry.published or at,
        title=entry.title,
        html=html,
        sensitive=entry.adult,
        media=(Attachment(kind="video", url=url, preview=web(entry.thumbnail)),),
        tags=tuple(dict.fromkeys(in_text(f"{entry.title}\n{plain(html)}")))[:MAX_TAGS],
    )


def to_person(entry: Entry) -> Person:
    """The channel. A feed does not tell its handle: its page's address stands in for it."""
    url = web(entry.author.url)
    return Person(
        name=entry.author.name or "YouTube",
        handle=url.removeprefix("https://www.").removeprefix("http://www.") or "youtube.com",
        url=url,
    )
