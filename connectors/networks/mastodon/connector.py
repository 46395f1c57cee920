"""Mastodon and its family: hashtags and accounts on any server that speaks Mastodon's REST API, by polling.

Mastodon, GoToSocial, Takahe, Pleroma and Akkoma give the same entities: https://docs.joinmastodon.org/methods/timelines/.
It owns what can be followed there and how one poll becomes a Page. It refuses to know walls, and stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from connectors.contract import Address, Connector, Kind, Page, Person, Presence
from connectors.errors import ConnectorError, NotFound
from connectors.http.client import Http, Params
from connectors.networks.mastodon.accounts import found_again, looked_up, still_there
from connectors.networks.mastodon.addresses import recognise
from connectors.networks.mastodon.client import LIMIT, Server
from connectors.networks.mastodon.matching import Matching
from connectors.networks.mastodon.options import Credentials, Options
from connectors.networks.mastodon.origin import is_at
from connectors.networks.mastodon.page import page_of
from connectors.networks.mastodon.posts import NETWORK
from connectors.networks.mastodon.presence import presence
from connectors.networks.mastodon.recheck import by_server, joined, recheck
from connectors.networks.mastodon.timeline import FIRST, Cursor, NewStatuses, fetch_new, read_cursor
from connectors.networks.mastodon.timeline_page import TimelinePage


class Mastodon(Connector):
    name = NETWORK
    label = "Mastodon"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(name="hashtag", label="Hashtag", example="#socitm09", needs_server=True),
        Kind(name="account", label="Account", example="@socitm@mastodon.example"),
    )
    options = Options
    credentials = Credentials
    min_interval = 5.0  # 300 requests in 5 minutes per address, shared by all sources on a server: see docs/polling.md
    max_interval = 20.0
    quiet_after = 24 * 3600.0
    first_poll_posts = FIRST * LIMIT

    def recognise(self, text: str, on: str = "") -> Address | None:
        """`#tag` with a server, `@user@host`, `@user` with a server, and the pages of both on any server's site."""
        return recognise(self.name, text, on)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """What is new, oldest first, with the newest posts once more, since late arrivals and edits hide among them.

        A hashtag that the server has never seen is an empty Page, not an error: nobody has used it yet. Not so where
        the server turns out to be none of the Mastodon family. An account whose timeline has turned empty is looked
        up again, since some servers go on answering for one that was deleted. Raises ConnectorError.
        """
        place, belonging = read_cursor(cursor), _belonging(source)
        if source.kind != "account":
            return page_of(await _walked(http, source, place), place, belonging)
        if not place.account:
            place = await looked_up(http, _server(http, source), source, place)
            return page_of(await _walked(http, source, place), place, belonging)
        try:
            walked = await _walked(http, source, place)
        except NotFound as missing:
            place = await found_again(http, _server(http, source), source, place, missing)
            walked = await _walked(http, source, place)
        if walked.place.empty and not place.empty:
            await still_there(_server(http, source, place.server), source)
        return page_of(walked, place, belonging)

    def is_origin(self, source: Address, key: str) -> bool:
        """Whether the post's address names this source's own server."""
        return is_at(source.server, key)

    async def author(self, http: Http, source: Address, author: Person) -> Presence:
        """By the account look-up of the source's server, and by the author's own server if that is another."""
        server = _server(http, source)
        return await presence(server, author, await _path(server, source))

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        """The newest content of these posts, and which are `gone`, `missing` or have `left`.

        At most 40 single requests where a server can't be asked for many at once: hand over first what has waited
        longest. A server in trouble makes nothing gone.
        """
        pages: list[Page] = []
        troubles: list[ConnectorError] = []
        for elsewhere, there in by_server(refs).items():
            try:
                server = _server(http, source, elsewhere)
                timeline = partial(_path, server, source)
                pages.append(await recheck(server, there, _belonging(source), timeline))
            except ConnectorError as trouble:  # that server's alone: an account may have left it
                troubles.append(trouble)
        if troubles and not pages:
            raise troubles[0]
        return joined([*pages, Page(broken=tuple(map(str, troubles)))])


async def _path(server: Server, source: Address) -> str:
    """Where this server lists what the source follows; empty where it knows the account no longer.

    Raises ConnectorError where that cannot be learned: a look-up that fails is no word about anything.
    """
    try:
        account = await server.account(source.value) if source.kind == "account" else ""
    except NotFound:
        return ""
    return _timeline(source, Options.model_validate(source.options), account)[0]


def _server(http: Http, source: Address, elsewhere: str = "") -> Server:
    """The source's server, or another one, which is asked without the token: that is not meant for it."""
    token = "" if elsewhere else Credentials.model_validate(source.credentials).token
    return Server(http, elsewhere or source.server, token)


def _belonging(source: Address) -> Matching:
    options = Options.model_validate(source.options)
    if source.kind == "account":
        return Matching(unlisted=options.unlisted)
    return Matching(first=(source.value, *options.any), every=tuple(options.all), never=tuple(options.none))


async def _walked(http: Http, source: Address, place: Cursor) -> NewStatuses:
    """One walk along the source's timeline. A hashtag cannot be gone: a 410, too, only means that nothing is there."""
    server = _server(http, source, place.server)
    path, params = _timeline(source, Options.model_validate(source.options), place.account)
    unused = place.unused

    async def fetch(more: Params, etag: str) -> TimelinePage | None:
        nonlocal unused
        try:
            return await server.leaf(path, {**params, **more}, etag)
        except NotFound:
            if source.kind == "account":
                raise
            if not unused:
                await server.introduce()
            unused = True
            return TimelinePage([])

    walked = await fetch_new(fetch, place)
    return msgspec.structs.replace(walked, place=msgspec.structs.replace(walked.place, unused=unused))


def _timeline(source: Address, options: Options, account: str) -> tuple[str, Params]:
    """Path and parameters; only those that differ from the API's defaults, since not every server knows them all."""
    asked: dict[str, Any] = {"only_media": options.only_media}
    if source.kind == "hashtag":
        path = f"/api/v1/timelines/tag/{quote(source.value, safe='')}"
        asked |= {"any[]": options.any, "all[]": options.all, "none[]": options.none}
    else:
        path = f"/api/v1/accounts/{quote(account, safe='')}/statuses"
        asked |= {"exclude_replies": options.exclude_replies, "exclude_reblogs": options.exclude_reblogs}
    return path, {name: value for name, value in asked.items() if value}
