"""Hacker News: searches, links to a site, accounts and threads, by polling its search, and rechecks by its own API.

https://hn.algolia.com/api, https://github.com/HackerNews/API.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from connectors.contract import Address, Connector, Kind, Page
from connectors.errors import NotFound
from connectors.http.client import Http
from connectors.networks.hackernews.addresses import NETWORK, SITE, recognise
from connectors.networks.hackernews.client import LIMIT, Server
from connectors.timeline.cursor import read_cursor
from connectors.timeline.entries import Entry
from connectors.timeline.page import page_of
from connectors.timeline.recheck import recheck
from connectors.timeline.walk import FIRST, fetch_new
from connectors.timeline.wishes import with_wishes


class HackerNews(Connector):
    name = NETWORK
    label = "Hacker News"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(name="search", label="Search", example="https://hn.algolia.com/?q=socitm09"),
        Kind(name="site", label="Links to a site", example="https://news.ycombinator.com/from?site=conference.example"),
        Kind(name="account", label="Account", example="https://news.ycombinator.com/user?id=socitm"),
        Kind(name="thread", label="Comments of a story", example="https://news.ycombinator.com/item?id=4200009"),
    )
    min_interval = 30.0
    max_interval = 600.0
    quiet_after = 7 * 24 * 3600.0
    first_poll_posts = FIRST * LIMIT

    def recognise(self, text: str, on: str = "") -> Address | None:
        """A page of the site or of its search; with `news.ycombinator.com` as the server, words to search for."""
        return recognise(text, on)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """The new stories and comments, oldest first. Raises ConnectorError."""
        before, server = read_cursor(cursor), Server(http)
        new = await fetch_new(partial(server.page, source), before, partial(_is_there, server))
        return page_of(await with_wishes(new, server.wishes, http.now()), before, SITE)

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        """The present content of these stories and comments, by twenty requests at most.

        A deleted one is `gone`; one that the site has killed is `missing`, because it may be restored.
        """
        server = Server(http)
        return await recheck(refs, server.item, partial(_newest, server, source), SITE, server.wishes)


async def _newest(server: Server, source: Address) -> list[Entry]:
    return (await server.page(source, "")).entries


async def _is_there(server: Server, id_: str) -> bool:
    try:
        return (await server.item(id_)).post is not None
    except NotFound:
        return False
