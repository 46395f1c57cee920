"""PeerTube: the videos of channels, accounts and tags on any server, by polling.

Its REST API: https://docs.joinpeertube.org/api-rest-reference.html.
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
from connectors.networks.peertube.addresses import VIDEO, recognise
from connectors.networks.peertube.client import LIMIT, Server
from connectors.networks.peertube.posts import NETWORK
from connectors.timeline.addresses import id_in
from connectors.timeline.confirmation import confirm_by_api
from connectors.timeline.cursor import read_cursor
from connectors.timeline.entries import Entry
from connectors.timeline.page import page_of
from connectors.timeline.recheck import presence, recheck
from connectors.timeline.walk import FIRST, EntryPage, fetch_new
from connectors.timeline.wishes import with_wishes


class PeerTube(Connector):
    name = NETWORK
    label = "PeerTube"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(name="channel", label="Channel", example="https://peertube.example/c/socitm"),
        Kind(name="account", label="Account", example="@socitm@peertube.example"),
        Kind(name="hashtag", label="Tag", example="#socitm09", needs_server=True),
    )
    min_interval = 60.0
    max_interval = 600.0
    quiet_after = 7 * 24 * 3600.0
    first_poll_posts = FIRST * LIMIT
    software = frozenset({"peertube"})

    def recognise(self, text: str, on: str = "") -> Address | None:
        """`#tag` with a server, `@name@host`, and the pages of channels, accounts and tags on any server's site."""
        return recognise(self.name, text, on)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """The new videos, oldest first, and the newest page once more for its late arrivals and edits.

        A handle names a channel or an account; the first poll finds out which. If its list has become empty, it is
        looked up again. Raises ConnectorError.
        """
        before, server = read_cursor(cursor), _server(http, source)
        position = msgspec.structs.replace(before, account=before.account or await _path(server, source))
        new = await fetch_new(partial(_fetch, server, source, position.account), position, partial(_is_there, server))
        if new.position.empty and not before.empty:
            await _path(server, source)
        return page_of(await with_wishes(new, server.wishes, http.now()), before, source.server)

    def is_origin(self, source: Address, key: str) -> bool:
        """Whether the video's address names this source's own server."""
        return is_at(source.server, key)

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        """The present content of these videos, by twenty requests at most; the others wait for the next recheck.

        An error of a server makes no video gone.
        """
        server = _server(http, source)
        return await recheck(refs, server.video, partial(_newest, server, source), source.server, server.wishes)

    async def author(self, http: Http, source: Address, author: Person) -> Presence:
        """Look the account up on the source's server, which ends its own accounts only."""
        server = _server(http, source)
        is_home = is_at(source.server, author.url)
        return await presence(
            author.handle.lstrip("@"), server.account, partial(_newest, server, source), is_home=is_home
        )

    async def confirm(self, http: Http, source: Address, claimed: Post) -> Confirmation:
        """Ask the origin's API, if it is a server of PeerTube. Nothing is raised."""
        origin, id_ = id_in(claimed.key, VIDEO)
        server = Server(http, origin)
        return await confirm_by_api(partial(server.video, id_), server.wishes, claimed) if id_ else Confirmation()


def _server(http: Http, source: Address) -> Server:
    return Server(http, source.server, source.value if source.kind == "hashtag" else "")


async def _path(server: Server, source: Address) -> str:
    """The path of the source's list. Raises NotFound if its channel or account does not exist; ConnectorError."""
    if source.kind == "hashtag":
        return "search/videos"
    return await server.find(source.value, is_channel=source.kind == "channel")


async def _fetch(server: Server, source: Address, path: str, older: str) -> EntryPage:
    asked = {"tagsOneOf": source.value, "searchTarget": "local"} if source.kind == "hashtag" else {}
    return await server.page(path, asked, older)


async def _newest(server: Server, source: Address) -> list[Entry]:
    return (await _fetch(server, source, await _path(server, source), "")).entries


async def _is_there(server: Server, id_: str) -> bool:
    try:
        return (await server.video(id_)).post is not None
    except NotFound as missing:
        if missing.gone:
            raise
        return False
