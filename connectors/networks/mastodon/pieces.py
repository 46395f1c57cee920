"""A page of a timeline that is too large for one response, put together from smaller ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from connectors.errors import NotFound, Unavailable
from connectors.http.client import Params, TooLarge
from connectors.networks.mastodon.gaps import is_empty
from connectors.networks.mastodon.timeline_page import TimelinePage, joined

SMALLER: Final = (20, 10, 5, 1)
"""Limits tried if a page is too large: one post of megabytes must not hide thirty-nine others."""
MAX_PIECES: Final = 16
"""Requests for one page that is fetched in pieces."""

Fetch = Callable[[Params], Awaitable[TimelinePage | None]]


async def in_pieces(fetch: Fetch, params: Params, most: int, host: str) -> TimelinePage:
    """The page of those parameters, as far as possible; without an ETag, which would be a piece's.

    Raises TooLarge if its first post is too large, and ConnectorError; a 404 is not believed, since the timeline has
    just been sent.
    """
    rises = "min_id" in params
    whole, sizes, size, asked = TimelinePage([]), iter(SMALLER), 0, dict(params)
    for _ in range(MAX_PIECES):
        size = size or next(sizes)
        try:
            piece = await fetch({**asked, "limit": size})
        except TooLarge:
            if (size := next(sizes, 0)) == 0 and is_empty(whole):
                raise
            if size == 0:
                too_large = f"Post too large: {host} has a post that can't be read."
                return msgspec.structs.replace(whole, broken=(*whole.broken, too_large))
            continue
        except NotFound as missing:
            raise Unavailable(
                f"Timeline incomplete: {host} does not find a part of what it has just sent."
            ) from missing
        if piece is None:
            break
        whole = joined(piece, whole) if rises else joined(whole, piece)
        following = piece.newer if rises else piece.older
        if is_empty(piece) or not following or len(whole.statuses) >= most:
            break
        asked |= {"min_id" if rises else "max_id": following}
    return whole
