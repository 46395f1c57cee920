"""From a story or comment to a Post: pure functions, no requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from connectors.contract import LinkCard, Person, Post
from connectors.contract.bounds import MAX_TAGS
from connectors.contract.fields import count, moment, string
from connectors.networks.hackernews.addresses import NETWORK, SITE
from connectors.networks.hackernews.entities import Hit, Item
from connectors.text.characters import visible
from connectors.text.hashtags import in_text
from connectors.text.hosts import host_of
from connectors.text.html import clean, plain
from connectors.text.urls import web

MAX_TEXT: Final = 20_000


def key_of(id_: str) -> str:
    return f"{SITE}/item?id={id_}"


def item_of(hit: Hit) -> Item:
    """The search's form of a story or comment in that of the API: both give the same Post."""
    return Item(
        id=int(hit.objectID),
        by=hit.author,
        time=hit.created_at_i,
        title=hit.title,
        url=hit.url,
        text=hit.comment_text or hit.story_text,
        parent=hit.parent_id,
    )


def to_post(item: Item, at: datetime) -> Post:
    """The Post of a story or comment. `at` replaces a time that can't be read."""
    url, name = key_of(str(item.id)), string(item.by)
    title, text = visible(string(item.title)), string(item.text, MAX_TEXT)
    html = clean(f"<p>{text}", base=f"{SITE}/") if text else ""
    return Post(
        network=NETWORK,
        key=url,
        url=url,
        author=Person(name=name, handle=name, url=f"{SITE}/user?id={name}"),
        created_at=moment(count(item.time)) or at,
        title=title,
        html=html,
        card=_card(item.url, title),
        tags=tuple(dict.fromkeys(in_text(f"{title}\n{plain(html)}")))[:MAX_TAGS],
        reply_to=key_of(str(parent)) if (parent := count(item.parent)) else "",
    )


def _card(said: Any, title: str) -> LinkCard | None:
    """The story's link. Its site is the link's own host."""
    url = web(said)
    site = host_of(url) if url else ""
    return LinkCard(url=url, title=site if title else url, site=site) if site else None
