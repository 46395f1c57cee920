"""A page of a timeline that is too large for one response, put together from smaller ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec.structs import replace

from connectors.errors import NotFound, Unavailable
from connectors.http.client import Params, TooLarge
from connectors.networks.mastodon.entities import leading_id
from connectors.networks.mastodon.gaps import is_empty
from connectors.networks.mastodon.timeline_page import TimelinePage, joined

SMALLER: Final = (20, 10, 5, 1)
"""Limits tried if a page is too large: one post of megabytes must not hide thirty-nine others."""
MAX_PIECES: Final = 16
"""Requests for one page that is fetched in pieces."""
TOO_MANY_PIECES: Final = "Page incomplete: {} sends posts of which few fit into a response."
POST_TOO_LARGE: Final = "Post too large: {} has a post that can't be read."

Fetch = Callable[[Params], Awaitable[TimelinePage | None]]


async def in_pieces(fetch: Fetch, params: Params, most: int, host: str) -> TimelinePage:
    """The page of those parameters, as far as possible; without an ETag, which would be a piece's.

    A single post that is too large is left out, and the page goes on behind it if its id can be read. Raises TooLarge
    if nothing else comes, and ConnectorError; a 404 is not believed, since the timeline has just been sent.
    """
    rises = "min_id" in params
    whole, sizes, size, asked = TimelinePage([]), iter(SMALLER), 0, dict(params)
    for _ in range(MAX_PIECES):
        size = size or next(sizes)
        try:
            piece = await fetch({**asked, "limit": size})
        except TooLarge as error:
            if size != SMALLER[-1]:
                size = next(sizes)
                continue
            if not (id_ := leading_id(error.head)) and is_empty(whole):
                raise
            piece = TimelinePage([], older=id_, newer=id_, broken=(POST_TOO_LARGE.format(host),))
            sizes, size = iter(SMALLER), 0
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
    else:
        whole = replace(whole, broken=(*whole.broken, TOO_MANY_PIECES.format(host)))
    return whole
