"""The preview of a source: one poll before it is followed, of which nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from aggregator.intake.context import call
from aggregator.timestamps import now
from connectors.contract import Address, Connector, Post
from connectors.errors import ConnectorError, RateLimited
from connectors.http.client import Http

DAY = timedelta(days=1)
PREVIEW_TIMEOUT = 10.0
"""Seconds to wait for a preview."""
MAX_SHOWN = 5
UNDATED = datetime.min.replace(tzinfo=UTC)


class Preview(NamedTuple):
    """The posts that the first poll would bring; `trouble` is one sentence if it fails, else empty.

    `last_day` counts the posts of the last 24 hours; a post dated in the future counts as posted now, as on the wall.
    `newest_posts` are a few of all, the newest first. `more` means that more posts are waiting. `unread` says why the
    first of the `broken` entries is unreadable.
    `busy` means that the network is rate limiting, so the address may well be right.
    """

    posts: int = 0
    newest: datetime | None = None
    last_day: int = 0
    newest_posts: Sequence[Post] = ()
    more: bool = False
    broken: int = 0
    unread: str = ""
    trouble: str = ""
    busy: bool = False


async def preview(http: Http, connector: Connector, address: Address, timeout: float = PREVIEW_TIMEOUT) -> Preview:  # noqa: ASYNC109  a person waits
    """Poll once from the beginning and count the posts. An error becomes the preview's `trouble`.

    An address that is only listened to has nothing to show.
    """
    if not connector.can_poll(address):
        return Preview()
    try:
        with http.trusting(address.server or address.value):
            page = await call(connector, address, lambda known, there: known.poll(http, there, ""), timeout)
    except RateLimited as error:
        return Preview(trouble=str(error), busy=True)
    except ConnectorError as error:
        return Preview(trouble=str(error))
    at = now()
    dates = [min(post.created_at, at) for post in page.posts if post.created_at is not None]
    return Preview(
        posts=len(page.posts),
        newest=max(dates, default=None),
        last_day=sum(date > at - DAY for date in dates),
        newest_posts=sorted(page.posts, key=lambda post: post.created_at or UNDATED)[::-1][:MAX_SHOWN],
        more=page.more,
        broken=len(page.broken),
        unread=next(iter(page.broken), ""),
    )
