"""A server's streams of hashtags: what they told, as pages, whichever connection brings it.

A server publishes a deletion at once, and a post after a look-up: deletions overtake posts, and an edit its original.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from connectors.contract import Address, Page, Stream, Told, Wanted
from connectors.errors import ConnectorError, Unavailable
from connectors.http.client import Http
from connectors.networks.mastodon.cursor import Cursor
from connectors.networks.mastodon.errors import not_streaming
from connectors.networks.mastodon.events import StreamEvent, events_of
from connectors.networks.mastodon.matching import Matching, matching_of
from connectors.networks.mastodon.page import page_of
from connectors.networks.mastodon.reading import ParsedStatus
from connectors.networks.mastodon.timeline import NewStatuses

MAX_DELETED: Final = 10_000
"""Ids of deleted posts that are remembered: a post that comes after its deletion is dropped."""
REFUSED: Final = frozenset({401, 403})


class HashtagStream(Stream):
    """The hashtags of one server, by the connection that a subclass opens."""

    def __init__(self, http: Http, host: str, token: str) -> None:
        self._http, self._host = http, host
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._wanted: Wanted = {}
        self._deleted: OrderedDict[str, None] = OrderedDict()

    async def serve(self, wanted: Wanted) -> None:
        self._wanted = dict(wanted)
        await self._subscribe(tags_of(wanted.values()))

    @abstractmethod
    async def _subscribe(self, tags: frozenset[str]) -> None:
        """Have these hashtags told from now on, and no others. Raises ConnectorError."""

    @abstractmethod
    def messages(self) -> AsyncGenerator[bytes]:
        """Yield the messages of the stream."""

    async def read(self, messages: Sequence[bytes]) -> Told:
        """Raises ConnectorError if the server refuses a stream in one of the messages."""
        events = await events_of(self._http, messages)
        if refusal := next((event.refusal for event in events if event.refusal), 0):
            raise self.refused(refusal)
        deleted = tuple(dict.fromkeys(event.deleted for event in events if event.deleted))
        self._remember(deleted)
        living = [event for event in events if event.status and event.status.ref not in self._deleted]
        pages = {number: _page(source, living) for number, source in self._wanted.items()}
        return Told(
            pages={number: page for number, page in pages.items() if page.posts},
            deleted=deleted,
            broken=tuple(event.broken for event in events if event.broken),
        )

    def refused(self, status: int) -> ConnectorError:
        """The error that a refusal with this HTTP status means."""
        if status in REFUSED:
            return not_streaming(self._host, status, has_token=bool(self._headers))
        return Unavailable(f"Stream refused ({status}): {self._host} ends the stream of hashtags. It may pass.")

    def _remember(self, refs: Iterable[str]) -> None:
        self._deleted.update(dict.fromkeys(refs))
        while len(self._deleted) > MAX_DELETED:
            self._deleted.popitem(last=False)


def tags_of(sources: Iterable[Address]) -> frozenset[str]:
    """The hashtags to listen to: of each source the first ones, of which a post needs one."""
    return frozenset(tag for source in sources for tag in matching_of(source).first)


def _page(source: Address, events: Iterable[StreamEvent]) -> Page:
    """What these events tell a source, oldest version first, as a page of its timeline would."""
    matching = matching_of(source)
    found = [event.status for event in events if event.status and _concerns(matching, event.tag, event.status)]
    page = page_of(NewStatuses(sorted(found, key=_written), Cursor()), Cursor(), matching, source.server)
    return msgspec.structs.replace(page, cursor="")


def _concerns(matching: Matching, tag: str, status: ParsedStatus) -> bool:
    """Whether the source's timeline lists the status: the server compares hashtags, where it names its streams."""
    if status.post is None or (tag and tag not in matching.first):
        return False
    return matching.has_tags(status) or (bool(tag) and set(matching.every) <= set(status.tags))


def _written(status: ParsedStatus) -> datetime:
    """When its version was written."""
    post = status.post
    return (post.edited_at or post.created_at) if post else datetime.min.replace(tzinfo=UTC)
