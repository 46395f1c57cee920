"""A recheck of posts on a wall: their present content, and which are gone, missing or unmatched.

A service leaves deleted posts out of its answer, and so it does with posts of accounts that are deactivated or taken
down, or while it has lost them. Whether a post has ended, or is withheld, its author's repository says. Where that says
neither, the service's silence is believed only with a witness: another post, found by the same request or just listed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from connectors.contract import Page
from connectors.errors import ConnectorError
from connectors.http.client import Http
from connectors.networks.bluesky.client import FeedPage, Service
from connectors.networks.bluesky.matching import Matching
from connectors.networks.bluesky.reading import Entry
from connectors.networks.bluesky.repository import Repositories, RepoState
from connectors.networks.bluesky.wishes import with_wishes

MAX_ORIGINS: Final = 10
"""Posts whose repositories are asked in one recheck; the others are asked about in later ones."""
ENOUGH: Final = 30.0
"""Seconds for the repositories."""
WITHHELD: Final = frozenset({RepoState.DEACTIVATED, RepoState.TAKEN_DOWN, RepoState.INACTIVE})
"""States of a repository whose posts no service may show for the time being."""

Newest = Callable[[], Awaitable[FeedPage | None]]
"""The newest page of the source."""


async def recheck(service: Service, refs: Mapping[str, str], matching: Matching, newest: Newest) -> Page:
    """The present content of these posts. Raises ConnectorError."""
    wanted = {key: ref for key, ref in refs.items() if ref}
    listed = await service.posts(list(wanted.values()))
    found = {entry.id: entry for entry in listed if entry.id in wanted}
    shown = {key: entry for key, entry in found.items() if entry.post is not None and not entry.hidden}
    read = await with_wishes(service, shown.values())
    absent = [key for key in wanted if key not in found]
    states = await _states(service.http, absent)
    gone = [key for key in absent if states.get(key) is RepoState.GONE]
    missing = [key for key in absent if states.get(key) in WITHHELD]
    doubtful = [key for key in absent if key not in gone and key not in missing]
    if not all(entry.id for entry in listed):  # an unreadable post may be any of them
        doubtful = []
    if doubtful and (shown or await _is_reliable(service, doubtful, newest)):
        missing += doubtful
    return Page(
        posts=tuple(entry.post for entry in read if entry.post),
        gone=tuple(gone),
        missing=(*missing, *(key for key, entry in found.items() if entry.hidden)),
        unmatched=tuple(entry.key for entry in read if not matching.has_tag(entry)),
        broken=tuple(entry.broken for entry in listed if entry.broken),
    )


async def _is_reliable(service: Service, absent: list[str], newest: Newest) -> bool:
    """Whether this service's silence is meaningful, if it finds none of the posts: it finds one that it lists.

    A listing that has one of the absent posts contradicts it, and one that fails speaks against it. An empty one is not
    evidence; then the posts are missing until they are listed again.
    """
    try:
        page = await newest()
        listed: list[Entry] = [entry for entry in page.entries if entry.post] if page else []
        if any(entry.key in absent for entry in listed):
            return False
        return not listed or any(entry.key == listed[0].key for entry in await service.posts([listed[0].key]))
    except ConnectorError:
        return False


async def _states(http: Http, keys: list[str]) -> dict[str, RepoState]:
    """What the repositories say about these posts, as far as they say it in time."""
    states: dict[str, RepoState] = {}
    repositories = Repositories(http)
    try:
        async with asyncio.timeout(ENOUGH):
            for key in keys[:MAX_ORIGINS]:
                states[key] = await repositories.state_of_post(key)
    except TimeoutError:
        pass
    return states
