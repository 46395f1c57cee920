"""The walk down from a timeline's newest page, by `max_id`, and the sentences for a gap that stays open.

A gap is closed at a known post. An older page that is empty closes it if no post is known, or if the known ones are
gone: else the server has failed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from math import inf
from typing import Final

from connectors.http.client import Params
from connectors.networks.mastodon.reading import ParsedStatus
from connectors.networks.mastodon.timeline_page import TimelinePage

Further = Callable[[Params], Awaitable[TimelinePage | None]]
AreGone = Callable[[], Awaitable[bool]]
"""Whether the known posts no longer exist, so that a walk can't meet them."""

GAP: Final = (
    "Gap in the timeline: the server could not return the posts before its newest page. The next poll asks again."
)
LOST: Final = "Gap in the timeline: the server does not return the posts before its newest page. They are lost."
TOO_MANY: Final = "Gap in the timeline: too many new posts since the last poll. The oldest of them are lost."


async def never() -> bool:
    """The answer that keeps a gap open."""
    return False


async def descend(
    further: Further,
    newest: TimelinePage,
    known: AbstractSet[str],
    pages: int,
    most: float = inf,
    *,
    are_gone: AreGone = never,
) -> tuple[list[ParsedStatus], tuple[str, ...], str]:
    """The newest page and at most `pages` below it: the unknown statuses, newest first, the faults, and the open gap.

    The gap is one sentence, or empty. No page is fetched after `most` statuses. After the last page one more post is
    fetched, since that page may have ended just above a known post.
    """
    statuses, broken, below = [*newest.statuses], newest.broken, newest.older
    for left in range(pages, -1, -1):
        if len(statuses) >= most:
            break
        page = await further({"max_id": below} if left else {"max_id": below, "limit": 1})
        if page is None or (is_empty(page) and known and not await are_gone()):
            return statuses, broken, GAP
        is_end = is_empty(page) or not known.isdisjoint(ids_of(page))
        if not left and not is_end:
            return statuses, broken, TOO_MANY
        seen = known | {status.id for status in statuses if status.id}
        if not is_end and ids_of(page) and ids_of(page) <= seen:  # the same page again
            return statuses, broken, LOST
        statuses += [status for status in page.statuses if status.id not in seen]
        broken = (*broken, *page.broken)
        if is_end:
            break
        if page.older in ("", below):
            return statuses, broken, LOST
        below = page.older
    return statuses, broken, ""


def ids_of(page: TimelinePage) -> set[str]:
    """The ids of the statuses that have one."""
    return {status.id for status in page.statuses if status.id}


def is_empty(page: TimelinePage) -> bool:
    """Whether the page has no post, readable or not."""
    return not page.statuses and not page.broken
