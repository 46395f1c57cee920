"""A second look at posts that are on a wall: what they say now, and which of them are gone.

It owns the difference between "deleted" and "not heard": only a server that is alive and says 404 to this very post, or
that shows it to fewer people than before, makes a post gone. It refuses to know timelines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final

import msgspec

from connectors._base import Missing, Page, Post, Refused, Throttled, Trouble, Unreachable, Unreadable
from connectors._html import plain
from connectors._mastodon_server import Server, id_of
from connectors._mastodon_shapes import Status, read
from connectors._mastodon_status import is_open, to_post
from connectors._mastodon_tags import carries

TOGETHER: Final = 20  # the most ids that Mastodon takes at once
ONE_BY_ONE: Final = 40  # single requests per look; what is left over has its turn next time
SECONDS_EACH: Final = 6.0  # to the next look for each request: a sixth of what a server gives to all that we do there
ENOUGH: Final = 30.0  # seconds; what was learned by then is handed over


Belongs = Callable[[Post], bool]
"""Whether a post is still what the source follows."""


def anything(_post: Post) -> bool:
    """An account's posts are the account's, whatever they say."""
    return True


def tagged(first: Collection[str], every: Collection[str], never: Collection[str]) -> Belongs:
    """What a hashtag's timeline has: one of the `first` tags, every one of `every`, none of `never`, in normal form.

    A tag that the server doesn't list but the text has, counts: not all servers list them alike.
    """

    def belongs(post: Post) -> bool:
        text = plain(post.html)

        def has(tag: str) -> bool:
            return tag in post.tags or bool(carries(text, frozenset({tag})))

        return any(map(has, first)) and all(map(has, every)) and not any(tag in post.tags for tag in never)

    return belongs


def write_ref(server: str, id_: str) -> str:
    """What a post is called for looking again: its id, after the server's origin if that is not the source's own."""
    return f"{server} {id_}" if server else id_


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
        left=tuple(key for page in pages for key in page.left),
        broken=tuple(sentence for page in pages for sentence in page.broken),
        wait=sum(page.wait or 0.0 for page in pages),
    )


class _Look:
    """What one second look has brought to light so far. `unknown` are the posts of which nothing is known yet."""

    def __init__(self, refs: Mapping[str, str], belongs: Belongs) -> None:
        self.unknown = dict(refs)
        self.belongs = belongs
        self.left: list[str] = []
        self.absent: list[str] = []
        self.posts: list[Post] = []
        self.gone: list[str] = []
        self.broken: list[str] = []

    def see(self, key: str, data: Any) -> None:
        """One status as the server gives it now. An id that names another post by now says nothing about ours."""
        try:
            status = read(data, Status)
        except msgspec.ValidationError as error:
            self.broken.append(f"A post could not be read again ({key}): {error}.")
        else:
            if status.uri == key and is_open(status):
                self.posts.append(post := to_post(status))
                if post.edited_at and not self.belongs(post):
                    self.left.append(key)
            elif status.uri == key:
                self.gone.append(key)
        self.unknown.pop(key, None)

    @property
    def learned(self) -> bool:
        return len(self.posts) + len(self.gone) + len(self.absent) > 0


async def recheck(
    server: Server, refs: Mapping[str, str], belongs: Belongs = anything, *, enough: float = ENOUGH
) -> Page:
    """The newest content of those posts, which are gone, and which no longer belong since they were edited.

    Raises Trouble if nothing at all could be learned.
    """
    look = _Look(refs, belongs)
    try:
        async with asyncio.timeout(enough):
            await _look_together(server, look)
            await _look_one_by_one(server, look)
    except (TimeoutError, Throttled, Unreachable) as trouble:
        if look.learned:
            pass
        elif isinstance(trouble, TimeoutError):
            raise Unreachable(f"{server.host} took too long to answer.") from trouble
        else:
            raise
    if look.absent:
        with suppress(Trouble):  # what says 404 to everything, a proxy for instance, has deleted nothing
            await server.introduce()
            look.gone += look.absent
    wait = SECONDS_EACH * server.asked
    return Page(
        posts=tuple(look.posts), gone=tuple(look.gone), left=tuple(look.left), broken=tuple(look.broken), wait=wait
    )


async def _look_together(server: Server, look: _Look) -> None:
    """Many at once where the server can. Absence here proves nothing: a server without this request says so, too."""
    refs = iter([(ref, key) for key, ref in look.unknown.items()])
    while chunk := dict(islice(refs, TOGETHER)):
        try:
            statuses = await server.batch(list(chunk))
        except (Missing, Refused, Unreadable):
            return
        for status in statuses:
            if key := chunk.get(id_of(status)):
                look.see(key, status)


async def _look_one_by_one(server: Server, look: _Look) -> None:
    """Raises Refused if that is all that the server ever says: then it wants a token."""
    refusal: Refused | None = None
    for key, ref in list(look.unknown.items())[:ONE_BY_ONE]:
        try:
            look.see(key, await server.status(ref))
        except Missing:
            look.absent.append(key)
        except (Unreadable, Refused) as error:  # about this post alone (451, say): the others have their turn
            look.broken.append(str(error))
            refusal = error if isinstance(error, Refused) else refusal
    if refusal and not look.learned:
        raise refusal
