"""One page of a timeline, and the ids that continue it."""

from __future__ import annotations

from collections.abc import Iterable

import httpx
import msgspec

from connectors.http.client import Reply
from connectors.networks.mastodon.reading import ParsedStatus


class TimelinePage(msgspec.Struct, frozen=True):
    """One page of a timeline, newest first. `older` and `newer` are the server's ids that continue it.

    The ids are opaque: numbers on Mastodon, ULIDs on GoToSocial, flake ids on Pleroma. They are never compared.
    """

    statuses: list[ParsedStatus]
    older: str = ""
    newer: str = ""
    etag: str = ""
    broken: tuple[str, ...] = ()


def first_id(statuses: Iterable[ParsedStatus]) -> str:
    return next((status.id for status in statuses if status.id), "")


def joined(newer: TimelinePage, older: TimelinePage) -> TimelinePage:
    """Two consecutive pages as one."""
    return TimelinePage(
        [*newer.statuses, *older.statuses],
        older=older.older or newer.older,
        newer=newer.newer or older.newer,
        broken=(*newer.broken, *older.broken),
    )


def continued(reply: Reply, rel: str, parameter: str) -> str:
    """The id in the `Link` header.

    The link itself is not followed: behind a proxy it leads to unreachable hosts, which must not get the token.
    """
    links = httpx.Response(200, headers={"link": reply.headers.get("link", "")}).links
    try:
        return str(httpx.URL(links[rel]["url"]).params.get(parameter, ""))
    except (KeyError, httpx.InvalidURL):
        return ""
