"""Lemmy and PieFed: communities on any server with Lemmy's API, by polling.

PieFed's API is much the same under another path: https://join-lemmy.org/docs/contributors/04-api.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

import msgspec

from connectors.contract import Address, Confirmation, Connector, Kind, Page, Person, Post, Presence
from connectors.contract.origin import is_at
from connectors.errors import NotFound
from connectors.http.client import Http
from connectors.networks.lemmy.addresses import POST, recognise
from connectors.networks.lemmy.client import LIMIT, Server
from connectors.networks.lemmy.options import Credentials
from connectors.networks.lemmy.posts import NETWORK
from connectors.timeline.addresses import id_in
from connectors.timeline.confirmation import confirm_by_api
from connectors.timeline.cursor import read_cursor
from connectors.timeline.entries import Entry
from connectors.timeline.page import page_of
from connectors.timeline.recheck import presence, recheck
from connectors.timeline.walk import FIRST, fetch_new
from connectors.timeline.wishes import with_wishes


class Lemmy(Connector):
    name = NETWORK
    label = "Lemmy"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind(name="community", label="Community", example="!socitm@lemmy.example"),)
    credentials = Credentials
    min_interval = 30.0
    max_interval = 120.0
    quiet_after = 3 * 24 * 3600.0
    first_poll_posts = FIRST * LIMIT
    software = frozenset({"lemmy", "piefed"})

    def recognise(self, text: str, on: str = "") -> Address | None:
        """`!name@host`, `!name` with a server, and the page of a community on any server's site."""
        return recognise(self.name, text, on)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """The new posts, oldest first, and the newest page once more for its late arrivals and edits.

        The first poll finds out which of the two APIs the server has. Raises ConnectorError.
        """
        before = read_cursor(cursor)
        server = _server(http, source, before.account)
        api = server.api or await server.open(source.value)
        position = msgspec.structs.replace(before, account=api)
        new = await fetch_new(partial(server.page, source.value), position, partial(_is_there, server))
        return page_of(await with_wishes(new, server.wishes, http.now()), before, source.server)

    def is_origin(self, source: Address, key: str) -> bool:
        """Whether the post's address names this source's own server."""
        return is_at(source.server, key)

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        """The present content of these posts, by twenty requests at most; the others wait for the next recheck.

        An error of a server makes no post gone.
        """
        server = _server(http, source)
        return await recheck(refs, server.post, partial(_newest, server, source), source.server, server.wishes)

    async def author(self, http: Http, source: Address, author: Person) -> Presence:
        """Look the account up on the source's server, which ends its own accounts only."""
        server = _server(http, source)
        is_home = is_at(source.server, author.url)
        name = author.handle.lstrip("@")
        return await presence(name, server.person, partial(_newest, server, source), is_home=is_home)

    async def confirm(self, http: Http, source: Address, claimed: Post) -> Confirmation:
        """Ask the origin's API, if it is a server of Lemmy or PieFed. Nothing is raised."""
        origin, id_ = id_in(claimed.key, POST)
        server = Server(http, origin)
        return await confirm_by_api(partial(server.post, id_), server.wishes, claimed) if id_ else Confirmation()


def _server(http: Http, source: Address, api: str = "") -> Server:
    return Server(http, source.server, Credentials.model_validate(source.credentials).token, api)


async def _newest(server: Server, source: Address) -> list[Entry]:
    return (await server.page(source.value, "")).entries


async def _is_there(server: Server, id_: str) -> bool:
    try:
        return (await server.post(id_)).post is not None
    except NotFound as missing:
        if missing.gone:
            raise
        return False
