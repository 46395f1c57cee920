"""The way down from a timeline's newest page, by `max_id`, and the sentences of what could not be had on it.

It owns when a gap is closed: where a post that is known is met, or where an older page is truly empty.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from math import inf
from typing import Final

from connectors.http.client import Params
from connectors.networks.mastodon.reading import Read
from connectors.networks.mastodon.timeline_page import TimelinePage

Further = Callable[[Params], Awaitable[TimelinePage | None]]

GAP: Final = "The server could not tell what came before its newest posts: that is asked for again."
LOST: Final = "The server does not tell what came before its newest posts: what is missing there is lost."
TOO_MANY: Final = "More posts came since the last poll than can be asked for: the oldest of them are lost."


async def descend(
    further: Further, newest: TimelinePage, known: AbstractSet[str], pages: int, most: float = inf
) -> tuple[list[Read], tuple[str, ...], str]:
    """The newest page and so many below it, without the known: statuses, newest first, what was broken, and in one
    sentence what that leaves open, if it does. No page after `most` statuses.

    After the last page one more post is looked at, since the last may have ended just above what is known.
    """
    statuses, broken, below = [*newest.statuses], newest.broken, newest.older
    for left in range(pages, -1, -1):
        if len(statuses) >= most:
            break
        leaf = await further({"max_id": below} if left else {"max_id": below, "limit": 1})
        if leaf is None:
            return statuses, broken, GAP
        is_end = is_empty(leaf) or not known.isdisjoint(ids_of(leaf))
        if not left and not is_end:
            return statuses, broken, TOO_MANY
        told = known | {status.id for status in statuses if status.id}
        if not is_end and ids_of(leaf) and ids_of(leaf) <= told:  # the same page again
            return statuses, broken, LOST
        statuses += [status for status in leaf.statuses if status.id not in told]
        broken = (*broken, *leaf.broken)
        if is_end:
            break
        if leaf.older in ("", below):
            return statuses, broken, LOST
        below = leaf.older
    return statuses, broken, ""


def ids_of(leaf: TimelinePage) -> set[str]:
    """The ids of those that have one."""
    return {status.id for status in leaf.statuses if status.id}


def is_empty(leaf: TimelinePage) -> bool:
    """Whether there is nothing, not even a post that could not be read."""
    return not leaf.statuses and not leaf.broken
