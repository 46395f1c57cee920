"""What the sources of a stream follow, and which of its events each of them gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from connectors.contract import Address, Page, Wanted
from connectors.errors import ConnectorError
from connectors.networks.bluesky.addresses import DID
from connectors.networks.bluesky.client import Service
from connectors.networks.bluesky.cursor import Cursor
from connectors.networks.bluesky.events import StreamEvent
from connectors.networks.bluesky.matching import matching_of
from connectors.networks.bluesky.page import page_of
from connectors.networks.bluesky.reading import Entry
from connectors.networks.bluesky.timeline import NewEntries


class Followed:
    """The `tags` (in normal form) and `accounts` (DIDs) that are followed, and whether `reposts` of any account are."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._dids: dict[str, str] = {}
        self._wanted: Wanted = {}
        self.tags: frozenset[str] = frozenset()
        self.accounts: frozenset[str] = frozenset()
        self.reposts = False

    async def follow(self, wanted: Wanted) -> None:
        """Follow these. An account that can't be found is left out: its polls say why."""
        accounts = [source for source in wanted.values() if source.kind == "account"]
        for source in accounts:
            if source.value not in self._dids:
                await self._look_up(source.value)
        self._wanted = dict(wanted)
        self.tags = frozenset(source.value for source in wanted.values() if source.kind == "hashtag")
        self.accounts = frozenset(self._dids[each.value] for each in accounts if each.value in self._dids)
        self.reposts = any(not matching_of(source).exclude_reposts for source in accounts)

    async def _look_up(self, name: str) -> None:
        try:
            self._dids[name] = name if DID.fullmatch(name) else await self._service.resolve(name)
        except ConnectorError:
            return

    def concerns(self, event: StreamEvent) -> bool:
        """Whether the event tells of a post that one of the sources may list."""
        if not event.uri or event.deleted:
            return False
        return any(self._is_of(event, source) for source in self._wanted.values())

    def pages(self, events: Sequence[StreamEvent], entries: Mapping[str, Entry], now: datetime) -> dict[int, Page]:
        """What these events tell each source, as a page of its listing would."""
        found: dict[int, Page] = {}
        for number, source in self._wanted.items():
            theirs = [_version(entries[event.id], event, now) for event in events if self._has(event, source, entries)]
            page = page_of(NewEntries(theirs, Cursor()), Cursor(), matching_of(source), now)
            if page.posts:
                found[number] = replace(page, cursor="")
        return found

    def _has(self, event: StreamEvent, source: Address, entries: Mapping[str, Entry]) -> bool:
        return event.id in entries and self._is_of(event, source)

    def _is_of(self, event: StreamEvent, source: Address) -> bool:
        if source.kind == "hashtag":
            return not event.repost and source.value in event.tags
        return event.did == self._dids.get(source.value)


def _version(entry: Entry, event: StreamEvent, now: datetime) -> Entry:
    """The entry with the time of its edit, which the network does not tell."""
    if not event.edited or entry.post is None:
        return entry
    return replace(entry, post=replace(entry.post, edited_at=now))
