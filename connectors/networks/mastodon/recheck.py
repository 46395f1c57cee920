"""A recheck of posts on a wall: their present content, and which are gone or missing.

A server's 404 is believed only with a witness: a post that the same server has just listed, found by the same request.
Only the post's origin decides whether it has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice
from typing import Final

from connectors.contract import Page, Post
from connectors.contract.origin import is_at
from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, RateLimited, Unavailable
from connectors.networks.mastodon.client import Server
from connectors.networks.mastodon.matching import Matching
from connectors.networks.mastodon.origin import Origins
from connectors.networks.mastodon.reading import ParsedStatus
from connectors.networks.mastodon.timeline_page import TimelinePage

TOGETHER: Final = 20  # Mastodon's maximum of ids at once
ONE_BY_ONE: Final = 40  # single requests per recheck; the others wait for the next one
SECONDS_EACH: Final = 6.0  # seconds until the next recheck for each request: a sixth of a server's budget
ENOUGH: Final = 30.0  # seconds for the look-ups, and again for the witness and for the origins


Timeline = Callable[[], Awaitable[str]]


def by_server(refs: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Key → id, for each server; the source's own is the empty one."""
    found: dict[str, dict[str, str]] = {}
    for key, ref in refs.items():
        server, _, id_ = ref.rpartition(" ")
        found.setdefault(server, {})[key] = id_
    return found


def joined(pages: Sequence[Page]) -> Page:
    """The results of several servers as one page."""
    return Page(
        posts=tuple(post for page in pages for post in page.posts),
        gone=tuple(key for page in pages for key in page.gone),
        missing=tuple(key for page in pages for key in page.missing),
        unmatched=tuple(key for page in pages for key in page.unmatched),
        broken=tuple(sentence for page in pages for sentence in page.broken),
        wait=sum(page.wait or 0.0 for page in pages),
    )


class _Recheck:
    """The results of one recheck so far. `unknown` are the posts without a result.

    `undecided` counts posts without the hashtags or the date of an edit. The server may list them nevertheless, or
    their authors may have taken the hashtags away: only the timeline tells.
    """

    def __init__(self, refs: Mapping[str, str], matching: Matching) -> None:
        self.unknown = dict(refs)
        self.matching = matching
        self.unmatched: list[str] = []
        self.absent: list[str] = []
        self.closed: list[str] = []
        self.unwanted: list[str] = []
        self.posts: list[Post] = []
        self.broken: list[str] = []
        self.undecided = 0

    def see(self, key: str, status: ParsedStatus) -> None:
        """Take in a status as the server gives it now. An id that names another post by now is ignored."""
        self.unknown.pop(key, None)
        if status.broken:
            self.broken.append(status.broken)
        elif status.key != key:
            return
        elif status.post is None:
            self.closed.append(key)
        elif not self.matching.is_wanted(status):
            self.unwanted.append(key)
        elif self.matching.lacks_tags(status) and not status.edited:
            self.undecided += 1
        else:
            self.posts.append(status.post)
            if self.matching.lacks_tags(status):
                self.unmatched.append(key)

    @property
    def learned(self) -> bool:
        return bool(self.posts or self.closed or self.absent or self.unwanted or self.undecided)


async def recheck(
    server: Server, refs: Mapping[str, str], matching: Matching, timeline: Timeline, *, enough: float = ENOUGH
) -> Page:
    """The present content of those posts, and which are `gone`, `missing` or `unmatched`.

    `timeline` finds the path of the source's timeline on this server: a witness is taken from it.
    Raises ConnectorError if there is no result at all.
    """
    seen = _Recheck(refs, matching)
    try:
        async with asyncio.timeout(enough):
            await _look_together(server, seen)
            await _look_one_by_one(server, seen)
    except (TimeoutError, RateLimited, Unavailable) as failure:
        if not seen.learned and isinstance(failure, TimeoutError):
            raise Unavailable(f"Request timed out: {server.host} took too long to answer.") from failure
        if not seen.learned:
            raise
    means_it = await _witness(server, seen.absent, refs, timeline, enough) if seen.absent else None
    absent = seen.absent if means_it is not False else []
    ended = seen.closed if means_it is None else [*seen.closed, *absent]
    origins = Origins(server, [post.key for post in seen.posts], enough)
    gone, missing = await _sorted_out(server, [*seen.closed, *absent], ended, origins)
    return Page(
        posts=tuple(seen.posts),
        gone=tuple(gone),
        missing=(*missing, *seen.unwanted),
        unmatched=tuple(seen.unmatched),
        broken=tuple(seen.broken),
        wait=SECONDS_EACH * server.asked,
    )


async def _look_together(server: Server, seen: _Recheck) -> None:
    """Ask for many at once if the server can. Absence proves nothing here: the server may lack this request."""
    refs = iter([(ref, key) for key, ref in seen.unknown.items()])
    while chunk := dict(islice(refs, TOGETHER)):
        for status in await server.batch(list(chunk)):
            if key := chunk.get(status.id):
                seen.see(key, status)


async def _look_one_by_one(server: Server, seen: _Recheck) -> None:
    """Ask for each post. Raises Forbidden if the server answers nothing else: then it requires a token."""
    refusal: Forbidden | None = None
    for key, ref in list(seen.unknown.items())[:ONE_BY_ONE]:
        try:
            seen.see(key, await server.status(ref))
        except NotFound:
            seen.absent.append(key)
        except (InvalidResponse, Forbidden) as error:  # about this post only (451, say): ask for the others
            seen.broken.append(str(error))
            refusal = error if isinstance(error, Forbidden) else refusal
    if refusal and not seen.learned:
        raise refusal


async def _witness(
    server: Server, absent: Sequence[str], refs: Mapping[str, str], timeline: Timeline, seconds: float
) -> bool | None:
    """Whether this server's 404 to single posts is meaningful; None if there is no evidence.

    A firewall's rule, a proxy or a half-dead server answers everything with 404, a just listed post included. The
    witness is taken from the source's timeline, or else from the server's public one. A look-up or list that fails, or
    takes longer than that, speaks against the server.
    """
    names = {refs[key] for key in absent}
    try:
        async with asyncio.timeout(seconds):
            path = await timeline()
            statuses = (path and _named(await server.timeline_page(path, {}))) or _named(await _public_timeline(server))
            if any(status.ref in names for status in statuses):
                return False
            if not statuses:
                return None
            return (await server.status(statuses[0].ref)).key == statuses[0].key
    except (ConnectorError, TimeoutError):
        return False


async def _public_timeline(server: Server) -> TimelinePage | None:
    """The server's own newest posts. Many servers require a token for them: then they prove nothing."""
    try:
        return await server.timeline_page("/api/v1/timelines/public", {"local": "true"})
    except (NotFound, Forbidden):
        return None


def _named(page: TimelinePage | None) -> list[ParsedStatus]:
    """The public statuses: a post that is not public can't be a witness."""
    return [status for status in page.statuses if status.ref and not status.closed] if page else []


async def _sorted_out(
    server: Server, keys: Sequence[str], ended: Sequence[str], origins: Origins
) -> tuple[list[str], list[str]]:
    """(gone, missing): this server decides on its own posts only; for the others, ask their origin.

    Its own posts outside of `ended` lack a witness: they are missing, until one of them is listed again.
    """
    gone, missing = [], []
    for key in keys:
        if key in ended if is_at(server.origin, key) else await origins.has_ended(key):
            gone.append(key)
        else:
            missing.append(key)
    return gone, missing
