"""A recheck of posts that are on a wall: what they say now, which of them are gone, and which are only not shown here.

Absence is believed of a server that is alive, and only where a witness says that its 404 means something: a post that
the same server has just listed, asked for by the same road. Whether the post has ended altogether is its origin's word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice
from typing import Final

from connectors.contract import Page, Post
from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, RateLimited, Unavailable
from connectors.networks.mastodon.client import Server
from connectors.networks.mastodon.matching import Matching
from connectors.networks.mastodon.origin import Origins, is_at
from connectors.networks.mastodon.reading import Read
from connectors.networks.mastodon.timeline_page import TimelinePage

TOGETHER: Final = 20  # the most ids that Mastodon takes at once
ONE_BY_ONE: Final = 40  # single requests per recheck; what is left over has its turn next time
SECONDS_EACH: Final = (
    6.0  # to the next recheck for each request: a sixth of what a server gives to all that we do there
)
ENOUGH: Final = 30.0  # seconds; what was learned by then is handed over


Timeline = Callable[[], Awaitable[str]]


def by_server(refs: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """key → id, for each server; the source's own is the empty one."""
    found: dict[str, dict[str, str]] = {}
    for key, ref in refs.items():
        server, _, id_ = ref.rpartition(" ")
        found.setdefault(server, {})[key] = id_
    return found


def joined(pages: Sequence[Page]) -> Page:
    """What several servers said, as one page."""
    return Page(
        posts=tuple(post for page in pages for post in page.posts),
        gone=tuple(key for page in pages for key in page.gone),
        missing=tuple(key for page in pages for key in page.missing),
        left=tuple(key for page in pages for key in page.left),
        broken=tuple(sentence for page in pages for sentence in page.broken),
        wait=sum(page.wait or 0.0 for page in pages),
    )


class _Recheck:
    """What one recheck has brought to light so far. `unknown` are the posts of which nothing is known yet."""

    def __init__(self, refs: Mapping[str, str], belonging: Matching) -> None:
        self.unknown = dict(refs)
        self.belonging = belonging
        self.left: list[str] = []
        self.absent: list[str] = []
        self.closed: list[str] = []
        self.unwanted: list[str] = []
        self.posts: list[Post] = []
        self.broken: list[str] = []

    def see(self, key: str, status: Read) -> None:
        """One status as the server gives it now. An id that names another post by now says nothing about ours."""
        self.unknown.pop(key, None)
        if status.broken:
            self.broken.append(status.broken)
        elif status.key != key:
            return
        elif status.post is None:
            self.closed.append(key)
        elif not self.belonging.is_wanted(status):
            self.unwanted.append(key)
        else:
            self.posts.append(status.post)
            if self.belonging.has_left(status):
                self.left.append(key)

    @property
    def learned(self) -> bool:
        return len(self.posts) + len(self.closed) + len(self.absent) + len(self.unwanted) > 0


async def recheck(
    server: Server, refs: Mapping[str, str], belonging: Matching, timeline: Timeline, *, enough: float = ENOUGH
) -> Page:
    """The newest content of those posts, and which are `gone`, `missing` or have `left`.

    `timeline` finds the path under which this server lists what the source follows: a witness is taken from there.
    Raises ConnectorError if nothing at all could be learned.
    """
    seen = _Recheck(refs, belonging)
    try:
        async with asyncio.timeout(enough):
            await _look_together(server, seen)
            await _look_one_by_one(server, seen)
    except (TimeoutError, RateLimited, Unavailable) as trouble:
        if seen.learned:
            pass
        elif isinstance(trouble, TimeoutError):
            raise Unavailable(f"{server.host} took too long to answer.") from trouble
        else:
            raise
    means_it = await _witness(server, seen.absent, refs, timeline) if seen.absent else None
    absent = seen.absent if means_it is not False else []
    ended = seen.closed if means_it is None else [*seen.closed, *absent]
    gone, missing = await _sorted_out(server, [*seen.closed, *absent], ended, [post.key for post in seen.posts])
    return Page(
        posts=tuple(seen.posts),
        gone=tuple(gone),
        missing=(*missing, *seen.unwanted),
        left=tuple(seen.left),
        broken=tuple(seen.broken),
        wait=SECONDS_EACH * server.asked,
    )


async def _look_together(server: Server, seen: _Recheck) -> None:
    """Many at once where the server can. Absence here proves nothing: a server without this request says so, too."""
    refs = iter([(ref, key) for key, ref in seen.unknown.items()])
    while chunk := dict(islice(refs, TOGETHER)):
        for status in await server.batch(list(chunk)):
            if key := chunk.get(status.id):
                seen.see(key, status)


async def _look_one_by_one(server: Server, seen: _Recheck) -> None:
    """Raises Forbidden if that is all that the server ever says: then it wants a token."""
    refusal: Forbidden | None = None
    for key, ref in list(seen.unknown.items())[:ONE_BY_ONE]:
        try:
            seen.see(key, await server.status(ref))
        except NotFound:
            seen.absent.append(key)
        except (InvalidResponse, Forbidden) as error:  # about this post alone (451, say): the others have their turn
            seen.broken.append(str(error))
            refusal = error if isinstance(error, Forbidden) else refusal
    if refusal and not seen.learned:
        raise refusal


async def _witness(server: Server, absent: Sequence[str], refs: Mapping[str, str], timeline: Timeline) -> bool | None:
    """Whether this server's 404 to single posts means that they are not there; None where nothing tells.

    A firewall's rule, a proxy or a half-dead server says 404 to everything: then a post that is listed this very
    moment gets one as well. The witness is taken from what the source follows, or else from what the server shows
    to everybody. A look-up or a list that fails speaks against the server.
    """
    names = {refs[key] for key in absent}
    try:
        path = await timeline()
        statuses = (path and _named(await server.leaf(path, {}))) or _named(await _everybodys(server))
        if any(status.ref in names for status in statuses):
            return False
        if not statuses:
            return None
        return (await server.status(statuses[0].ref)).key == statuses[0].key
    except ConnectorError:
        return False


async def _everybodys(server: Server) -> TimelinePage | None:
    """The server's own newest posts. Many servers show them to nobody without a token, which says nothing."""
    try:
        return await server.leaf("/api/v1/timelines/public", {"local": "true"})
    except (NotFound, Forbidden):
        return None


def _named(leaf: TimelinePage | None) -> list[Read]:
    """What everybody may see of it: an entry that is not for everyone bears no witness to its own post."""
    return [status for status in leaf.statuses if status.ref and not status.closed] if leaf else []


async def _sorted_out(
    server: Server, keys: Sequence[str], ended: Sequence[str], alive: Sequence[str]
) -> tuple[list[str], list[str]]:
    """(gone, missing): this server's word is the last one on its own posts alone; for the others, ask their origin.

    Those of its own that are not among the `ended` lack a witness: they are missing, until one of them is listed again.
    """
    gone, missing, origins = [], [], Origins(server, alive)
    for key in keys:
        if key in ended if is_at(server.origin, key) else await origins.has_ended(key):
            gone.append(key)
        else:
            missing.append(key)
    return gone, missing
