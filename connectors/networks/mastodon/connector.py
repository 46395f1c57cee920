"""Mastodon and its family: hashtags and accounts on any server with Mastodon's REST API; hashtags also by streaming.

Mastodon, GoToSocial, Takahe, Pleroma and Akkoma share it: https://docs.joinmastodon.org/methods/timelines/.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from connectors.contract import Address, Confirmation, Connector, Kind, Page, Person, Post, Presence, Stream, Wanted
from connectors.contract.origin import is_at
from connectors.errors import ConnectorError, NotFound
from connectors.http.client import Http, Params
from connectors.http.not_modified import is_trusted
from connectors.networks.mastodon.accounts import found_again, looked_up, still_there
from connectors.networks.mastodon.client import LIMIT, Server
from connectors.networks.mastodon.connections import connect, stream_key
from connectors.networks.mastodon.cursor import Cursor, read_cursor
from connectors.networks.mastodon.errors import without_timeline
from connectors.networks.mastodon.gone import are_gone
from connectors.networks.mastodon.matching import matching_of
from connectors.networks.mastodon.options import Credentials, Options, token_of
from connectors.networks.mastodon.page import page_of
from connectors.networks.mastodon.posts import NETWORK
from connectors.networks.mastodon.presence import presence
from connectors.networks.mastodon.recheck import by_server, joined, recheck
from connectors.networks.mastodon.streaming_origin import streaming_origin
from connectors.networks.mastodon.timeline import FIRST, NewStatuses, fetch_new
from connectors.networks.mastodon.timeline_page import TimelinePage
from connectors.timeline.addresses import recognise
from connectors.timeline.confirmation import confirm


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
    usual_server = "mastodon.social"

    def recognise(self, text: str, on: str = "") -> Address | None:
        """`#tag` with a server, `@user@host`, `@user` with a server, and the pages of both on any server's site."""
        return recognise(self.name, text, on)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """The new posts, oldest first, and the newest page once more for its late arrivals and edits.

        A hashtag that the server has never seen gives an empty Page, not an error, unless the server turns out not to
        be one of the Mastodon family. If an account's timeline has become empty, the account is looked up again, since
        some servers go on answering for a deleted one. Raises ConnectorError.
        """
        position = read_cursor(cursor)
        if source.kind != "account":
            return _page(source, await _fetch(http, source, position), position)
        if not position.account:
            position = await looked_up(http, _server(http, source), source, position)
            return _page(source, await _fetch_found(http, source, position), position)
        try:
            new = await _fetch(http, source, position)
        except NotFound as missing:
            position = await found_again(http, _server(http, source), source, position, missing)
            new = await _fetch_found(http, source, position)
        if new.position.empty and not position.empty:
            await still_there(_server(http, source, position.server), source)
        return _page(source, new, position)

    def is_origin(self, source: Address, key: str) -> bool:
        """Whether the post's address names this source's own server."""
        return is_at(source.server, key)

    async def author(self, http: Http, source: Address, author: Person) -> Presence:
        """Look the account up on the source's server, and on the author's own server if that is another."""
        server = _server(http, source)
        return await presence(server, author, await _path(server, source))

    async def confirm(self, http: Http, source: Address, claimed: Post) -> Confirmation:
        """Ask the origin by ActivityPub. Nothing is raised."""
        return await confirm(http, claimed)

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        """The present content of these posts, and which are `gone`, `missing` or `unmatched`.

        A server without requests for many posts gets 40 single requests; the other posts wait for the next recheck, so
        put the longest waiting first. An error of a server makes no post gone.
        """
        pages: list[Page] = []
        errors: list[ConnectorError] = []
        for elsewhere, there in by_server(refs).items():
            try:
                server = _server(http, source, elsewhere)
                timeline = partial(_path, server, source)
                pages.append(await recheck(server, there, matching_of(source), timeline))
            except ConnectorError as error:  # of that server only: an account may have left it
                errors.append(error)
        if errors and not pages:
            raise errors[0]
        return joined([*pages, Page(broken=tuple(map(str, errors)))])

    def stream_key(self, source: Address) -> str:
        """The server and the account: all of its hashtags share a connection. Other timelines are only polled."""
        return stream_key(source)

    async def open_stream(self, http: Http, wanted: Wanted, cursor: str) -> Stream:
        """A WebSocket, or server-sent events where that fails. Nothing is replayed: `cursor` is empty."""
        first = next(iter(wanted.values()))
        return await connect(http, await streaming_origin(_server(http, first)), wanted)


async def _path(server: Server, source: Address) -> str:
    """The path of the source's timeline on this server; empty if the server no longer knows the account.

    Raises ConnectorError if the look-up fails, which says nothing about any post.
    """
    try:
        account = await server.account(source.value) if source.kind == "account" else ""
    except NotFound:
        return ""
    return _timeline(source, Options.model_validate(source.options), account)[0]


def _server(http: Http, source: Address, elsewhere: str = "") -> Server:
    """The source's server, or another one, which never gets the token."""
    return Server(http, elsewhere or source.server, "" if elsewhere else token_of(source))


def _page(source: Address, new: NewStatuses, before: Cursor) -> Page:
    return page_of(new, before, matching_of(source), new.position.server or source.server)


async def _fetch_found(http: Http, source: Address, position: Cursor) -> NewStatuses:
    """One walk along the timeline of an account that was found just now: it can't be gone."""
    try:
        return await _fetch(http, source, position)
    except NotFound as missing:
        raise without_timeline(_server(http, source, position.server).host, source.value) from missing


async def _fetch(http: Http, source: Address, position: Cursor) -> NewStatuses:
    """One walk along the source's timeline.

    A hashtag can't be gone: a 404 or 410 for its newest page means that it is unused there. For an older page, or
    a part of one, it means a failure, since the tag has posts. Once in an hour of 304 the newest page is asked for
    without its ETag.
    """
    server = _server(http, source, position.server)
    path, params = _timeline(source, Options.model_validate(source.options), position.account)
    unused, read_at, now = position.unused, position.read_at, http.now()
    if not is_trusted(read_at, now):
        position = msgspec.structs.replace(position, etag="")

    async def fetch(more: Params, etag: str) -> TimelinePage | None:
        nonlocal unused, read_at
        try:
            page = await server.timeline_page(path, {**params, **more}, etag)
        except NotFound:
            if source.kind == "account" or more:
                raise
            if not unused:
                await server.verify_instance()
            unused = True
            return TimelinePage([])
        if page is not None and not more:
            read_at = now.replace(microsecond=0).isoformat()
        return page

    new = await fetch_new(fetch, position, look_up=partial(are_gone, server))
    read_at = read_at if new.position.etag else ""
    return msgspec.structs.replace(new, position=msgspec.structs.replace(new.position, unused=unused, read_at=read_at))


def _timeline(source: Address, options: Options, account: str) -> tuple[str, Params]:
    """Path and parameters; only those that differ from the API's defaults, since some servers don't know them all."""
    asked: dict[str, Any] = {"only_media": options.only_media}
    if source.kind == "hashtag":
        path = f"/api/v1/timelines/tag/{quote(source.value, safe='')}"
        asked |= {"any[]": options.any, "all[]": options.all, "none[]": options.none}
    else:
        path = f"/api/v1/accounts/{quote(account, safe='')}/statuses"
        asked |= {"exclude_replies": options.exclude_replies, "exclude_reblogs": options.exclude_reblogs}
    return path, {name: value for name, value in asked.items() if value}
