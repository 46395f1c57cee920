"""Misskey and its family: hashtags and accounts on any server with Misskey's API, by polling.

Misskey, Sharkey, Firefish and Iceshrimp share it: https://misskey-hub.net/docs/for-developers/api/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import msgspec

from connectors.contract import Address, Confirmation, Connector, Kind, Page, Person, Post, Presence
from connectors.contract.origin import host_of_key, is_at
from connectors.errors import NotFound
from connectors.http.client import Http
from connectors.networks.misskey.client import LIMIT, Server
from connectors.networks.misskey.options import Credentials, Options
from connectors.networks.misskey.posts import NETWORK
from connectors.networks.misskey.reading import Hashtags
from connectors.timeline.addresses import recognise
from connectors.timeline.confirmation import confirm
from connectors.timeline.cursor import Cursor, read_cursor
from connectors.timeline.entries import Entry
from connectors.timeline.page import page_of
from connectors.timeline.recheck import presence, recheck
from connectors.timeline.walk import FIRST, EntryPage, fetch_new
from connectors.timeline.wishes import with_wishes


class Misskey(Connector):
    name = NETWORK
    label = "Misskey"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(name="hashtag", label="Hashtag", example="#socitm09", needs_server=True),
        Kind(name="account", label="Account", example="@socitm@misskey.example"),
    )
    options = Options
    credentials = Credentials
    min_interval = 10.0  # a server searches its database for each poll
    max_interval = 60.0
    quiet_after = 24 * 3600.0
    first_poll_posts = FIRST * LIMIT
    software = frozenset(
        {"misskey", "sharkey", "firefish", "iceshrimp", "calckey", "cherrypick", "foundkey", "catodon", "magnetar"}
    )

    def recognise(self, text: str, on: str = "") -> Address | None:
        """`#tag` with a server, `@user@host`, `@user` with a server, and the pages of both on any server's site."""
        return recognise(self.name, text, on)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """The new notes, oldest first, and the newest page once more for its late arrivals and edits.

        If an account's timeline has become empty, the account is looked up again. Raises ConnectorError.
        """
        before, server = read_cursor(cursor), _server(http, source)
        position = await _with_account(server, source, before)
        new = await fetch_new(partial(_fetch, server, source, position.account), position, partial(_is_there, server))
        if source.kind == "account" and new.position.empty and not before.empty:
            await server.account(source.value)
        new = await with_wishes(new, server.wishes, http.now())
        return page_of(new, before, source.server)

    def is_origin(self, source: Address, key: str) -> bool:
        """Whether the note's address names this source's own server."""
        return is_at(source.server, key)

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        """The present content of these notes, by twenty requests at most; the others wait for the next recheck.

        An error of a server makes no note gone.
        """
        server = _server(http, source)
        return await recheck(refs, server.note, partial(_newest, server, source), source.server, server.wishes)

    async def author(self, http: Http, source: Address, author: Person) -> Presence:
        """Look the account up on the source's server, which ends its own accounts only."""
        server = _server(http, source)
        acct = author.handle.lstrip("@")
        is_home = acct.partition("@")[2] == server.host and host_of_key(author.url) == host_of_key(source.server)

        async def look(name: str) -> str:
            return await (server.account(name) if "@" in name else server.user({"userId": name}))

        return await presence(acct, look, partial(_newest, server, source), is_home=is_home)

    async def confirm(self, http: Http, source: Address, claimed: Post) -> Confirmation:
        """Ask the origin, which may run any program of the Fediverse, by ActivityPub. Nothing is raised."""
        return await confirm(http, claimed)


def _server(http: Http, source: Address) -> Server:
    options, token = Options.model_validate(source.options), Credentials.model_validate(source.credentials).token
    hashtags = Hashtags()
    if source.kind == "hashtag":
        hashtags = Hashtags((source.value, *options.any), tuple(options.all), tuple(options.none))
    return Server(http, source.server, token, hashtags)


async def _with_account(server: Server, source: Address, position: Cursor) -> Cursor:
    """The position with the id of a followed account, looked up once. Raises ConnectorError."""
    if source.kind != "account" or position.account:
        return position
    return msgspec.structs.replace(position, account=await server.account(source.value))


async def _fetch(server: Server, source: Address, account: str, older: str) -> EntryPage:
    endpoint, asked = _timeline(source, Options.model_validate(source.options), account)
    return await server.page(endpoint, asked, older)


async def _newest(server: Server, source: Address) -> Sequence[Entry]:
    account = await server.account(source.value) if source.kind == "account" else ""
    return (await _fetch(server, source, account, "")).entries


async def _is_there(server: Server, id_: str) -> bool:
    try:
        await server.note(id_)
    except NotFound as missing:
        if missing.gone:
            raise
        return False
    return True


def _timeline(source: Address, options: Options, account: str) -> tuple[str, dict[str, Any]]:
    """Endpoint and arguments. The names of some have changed: a server ignores those that it does not know."""
    asked: dict[str, Any] = {"withFiles": True} if options.only_media else {}
    if source.kind == "hashtag":
        if not (options.any or options.all):
            return "notes/search-by-tag", {**asked, "tag": source.value}
        either = [[tag, *options.all] for tag in (source.value, *options.any)]
        return "notes/search-by-tag", {**asked, "query": either}
    with_replies, with_renotes = not options.exclude_replies, not options.exclude_renotes
    own = {"withReplies": with_replies, "withRenotes": with_renotes}
    return "users/notes", {**asked, "userId": account, **own, "includeReplies": with_replies}
