"""Bluesky: accounts and hashtags by streaming and by polling, lists and custom feeds by polling.

Any service with Bluesky's API can be asked instead of Bluesky's own: https://docs.bsky.app/docs/api/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from msgspec.structs import replace

from connectors.contract import Address, Connector, Kind, Page, Person, Presence, Stream, Wanted
from connectors.http.client import Http, Params
from connectors.http.not_modified import is_trusted
from connectors.networks.bluesky.addresses import DID, NETWORK, recognise
from connectors.networks.bluesky.client import LIMIT, FeedPage, Service
from connectors.networks.bluesky.cursor import Cursor, read_cursor
from connectors.networks.bluesky.errors import Refused, no_such, without_password
from connectors.networks.bluesky.hosts import connect, stream_key
from connectors.networks.bluesky.login import login
from connectors.networks.bluesky.matching import matching_of
from connectors.networks.bluesky.options import Credentials, Options
from connectors.networks.bluesky.page import page_of
from connectors.networks.bluesky.presence import not_shown, presence
from connectors.networks.bluesky.recheck import recheck
from connectors.networks.bluesky.timeline import FIRST, fetch_new
from connectors.networks.bluesky.wishes import with_wishes

APPVIEW: Final = "https://public.api.bsky.app"
"""Bluesky's own service, as it answers without a login."""
PDS: Final = "https://bsky.social"
"""The server of accounts of Bluesky's own, which passes searches on."""
SEARCH_INTERVAL: Final = 30.0
"""Seconds between two searches, which cost a service more than listings do."""


class Bluesky(Connector):
    name = NETWORK
    label = "Bluesky"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(name="account", label="Account", example="@socitm.bsky.social"),
        Kind(name="hashtag", label="Hashtag", example="https://bsky.app/hashtag/socitm09"),
        Kind(name="list", label="List", example="https://bsky.app/profile/socitm.bsky.social/lists/3kspeakers"),
        Kind(name="feed", label="Custom feed", example="https://bsky.app/profile/socitm.bsky.social/feed/harbour"),
    )
    options = Options
    credentials = Credentials
    min_interval = 10.0  # 3,000 requests in 5 minutes per address, shared by all sources: see docs/polling.md
    max_interval = 60.0
    quiet_after = 24 * 3600.0
    first_poll_posts = FIRST * LIMIT
    usual_server = "bsky.app"

    def recognise(self, text: str, on: str = "") -> Address | None:
        """A handle, a DID, an `at://` URI, addresses of the app; `#tag` on a name of Bluesky's own servers.

        Another service named with an address of the app, an `at://` URI or a DID is asked instead of Bluesky's own: an
        AppView, or for hashtags the account's own PDS.
        """
        return recognise(text, on)

    def can_poll(self, source: Address) -> bool:
        """Whether it is not a hashtag without an account to search with: that one is only listened to."""
        return source.kind != "hashtag" or bool(Options.model_validate(source.options).account)

    def stream_key(self, source: Address) -> str:
        """All hashtags and accounts share a connection, except those of another service, and lists and feeds."""
        return stream_key(source)

    async def open_stream(self, http: Http, wanted: Wanted, cursor: str) -> Stream:
        """Jetstream, by the first of its hosts that answers; the AppView is asked for the posts."""
        return await connect(http, Service(http, APPVIEW), wanted, cursor)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """The new posts, oldest first, and the newest page once more for its edits. Raises ConnectorError."""
        service, matching = _service(http, source), matching_of(source)
        before = await _found(service, source, read_cursor(cursor))
        position, now, read_at = before, http.now(), before.read_at
        if not is_trusted(read_at, now):
            position = replace(position, etag="")

        async def fetch(more: Params, etag: str) -> FeedPage | None:
            nonlocal read_at
            page = await _page(service, source, before.did, more, etag)
            if page is not None and not more:
                read_at = now.replace(microsecond=0).isoformat() if page.etag else ""
            return page

        new = await fetch_new(fetch, position, is_sorted=source.kind != "feed")
        entries = await with_wishes(service, new.entries)
        new = replace(new, entries=entries, position=replace(new.position, read_at=read_at))
        page = page_of(new, before, matching, now)
        return replace(page, wait=SEARCH_INTERVAL) if source.kind == "hashtag" else page

    def is_origin(self, source: Address, key: str) -> bool:
        """Whether the source asks Bluesky's own servers: they show what the repositories have signed.

        Any other service speaks for itself alone. What has ended permanently, only the repository says (`recheck`).
        """
        return not source.server

    async def author(self, http: Http, source: Address, author: Person) -> Presence:
        """Ask the author's repository, and the source's service."""
        return await presence(_service(http, source), author)

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        """The present content of these posts, and which are `gone`, `missing` or `unmatched`."""
        service = _service(http, source)

        async def newest() -> FeedPage | None:
            position = await _found(service, source, Cursor())
            return await _page(service, source, position.did, {}, "")

        return await recheck(service, refs, matching_of(source), newest)


def _service(http: Http, source: Address) -> Service:
    """The source's service. Raises Forbidden for a hashtag without an app password."""
    if source.kind != "hashtag":
        return Service(http, source.server or APPVIEW)
    server = source.server or PDS
    return Service(http, server, login(http, server, *_password(source)))


def _password(source: Address) -> tuple[str, str]:
    """(account, app password). Raises Forbidden."""
    account = Options.model_validate(source.options).account
    token = Credentials.model_validate(source.credentials).token
    if not account or not token:
        raise without_password(has_account=bool(account))
    return account, token


async def _found(service: Service, source: Address, position: Cursor) -> Cursor:
    """The position with the DID of the account, or of the owner of the list or feed: handles change, DIDs don't."""
    if position.did or source.kind == "hashtag":
        return position
    owner = _owner(source)
    return replace(position, did=owner if DID.fullmatch(owner) else await service.resolve(owner))


def _owner(source: Address) -> str:
    return source.value if source.kind == "account" else source.value.removeprefix("at://").partition("/")[0]


async def _page(service: Service, source: Address, did: str, more: Params, etag: str) -> FeedPage | None:
    """One page of the source. Raises ConnectorError."""
    asked: dict[str, Any] = {**more}
    if source.kind == "hashtag":
        asked |= {"q": f"#{source.value}", "tag": source.value, "sort": "latest"}
        return await service.page("app.bsky.feed.searchPosts", "posts", asked, etag)
    if source.kind == "account":
        return await _author_feed(service, source, did, asked, etag)
    uri = f"at://{did}/{source.value.removeprefix('at://').partition('/')[2]}"
    method = "app.bsky.feed.getListFeed" if source.kind == "list" else "app.bsky.feed.getFeed"
    try:
        page = await service.page(method, "feed", {source.kind: uri, **asked}, etag)
        if page is not None and not (page.entries or more) and source.kind == "list":
            await service.query("app.bsky.graph.getList", {"list": uri, "limit": 1})  # an unknown list is empty
    except Refused as refusal:
        if not refusal.is_unknown:
            raise
        raise no_such(source.kind, uri, service.host) from refusal
    return page


async def _author_feed(
    service: Service, source: Address, did: str, asked: dict[str, Any], etag: str
) -> FeedPage | None:
    """A page of the account's posts; replies are left out by the service, which so sends fewer pages."""
    if Options.model_validate(source.options).exclude_replies:
        asked["filter"] = "posts_and_author_threads"
    try:
        return await service.page("app.bsky.feed.getAuthorFeed", "feed", {"actor": did, **asked}, etag)
    except Refused as refusal:
        if not refusal.is_unknown or asked.get("cursor"):
            raise
        raise await not_shown(service, did, source.value) from refusal
