"""From an entry of a Flickr feed to a Post: pure functions, no requests."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from connectors.contract import Person, Post
from connectors.contract.bounds import MAX_TAGS
from connectors.networks.flickr.addresses import NETWORK, SITE
from connectors.syndication.attachments import attachments
from connectors.syndication.entities import Entry
from connectors.text.hashtags import read_tag
from connectors.text.html import clean
from connectors.text.urls import web

DESCRIPTION_LENGTH: Final = 2_000
"""Characters of HTML."""
_LEAD: Final = re.compile(
    r"\s*<p><a [^<>]{0,500}>[^<>]{0,500}</a> posted a (?:photo|video):</p>\s*"
    r"(?:<p><a [^<>]{0,500}><img [^<>]{0,1000}></a></p>\s*)?"
)
"""What Flickr puts before a description: who has posted, and the picture again."""


def to_post(entry: Entry, owner: str, id_: str, at: datetime) -> Post:
    """The Post of the photo or video with this id, by the person whom addresses call `owner`.

    `at` replaces a time that can't be read.
    """
    html = entry.content.html or entry.summary.html
    return Post(
        network=NETWORK,
        key=f"flickr:photo:{id_}",
        url=f"{SITE}/photos/{owner}/{id_}/",  # a group's feed adds the group to it
        author=_author(entry),
        created_at=entry.published or at,
        title=entry.title,
        html=clean(_LEAD.sub("", html, count=1), base=SITE, limit=DESCRIPTION_LENGTH),
        sensitive=entry.adult,
        media=attachments(entry, SITE),
        tags=tuple(dict.fromkeys(tag for each in entry.tags[:MAX_TAGS] if (tag := read_tag(each)))),
    )


def _author(entry: Entry) -> Person:
    """The photographer. Flickr has no handles: their page's address stands in for one."""
    url = web(entry.author.url)
    handle = url.removeprefix("https://www.").removeprefix("http://www.").rstrip("/")
    return Person(name=entry.author.name or "Flickr", handle=handle or "flickr.com", url=url)
