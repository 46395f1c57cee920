"""From events to entries: the posts as the AppView shows them, which may be some seconds behind Jetstream."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from connectors.contract import Person
from connectors.networks.bluesky.client import Service
from connectors.networks.bluesky.events import StreamEvent
from connectors.networks.bluesky.reading import CID_END, Entry, owner_of
from connectors.networks.bluesky.wishes import with_wishes

DELAYS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds until a post that the AppView does not show yet is asked for again; then it is taken as not shown."""
MAX_WAITING: Final = 5_000
MAX_DELETED: Final = 10_000
"""URIs of deleted posts that are remembered: the AppView may show them for a moment longer."""


class _Waiting(NamedTuple):
    """A message that is read again at `due`, by the event loop's clock; its event has this `time` (µs)."""

    due: float
    time: int
    message: bytes


class Hydration:
    """The posts of events, asked from one service, and again where it does not have them yet."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._waiting: dict[str, _Waiting] = {}
        self._attempts: OrderedDict[str, int] = OrderedDict()
        self._deleted: OrderedDict[str, None] = OrderedDict()

    def deleted(self, uris: Sequence[str]) -> None:
        """Note that these posts are deleted: none of them is shown any more."""
        for uri in uris:
            self._waiting.pop(uri, None)
            self._deleted[uri] = None
        while len(self._deleted) > MAX_DELETED:
            self._deleted.popitem(last=False)

    def due(self, now: float) -> list[bytes]:
        """Take the messages that are to be read again by now."""
        ready = [uri for uri, waiting in self._waiting.items() if waiting.due <= now]
        return [self._waiting.pop(uri).message for uri in ready]

    def pause(self, now: float) -> float | None:
        """Seconds until a message is due; None if none waits."""
        return max(0.0, min(waiting.due for waiting in self._waiting.values()) - now) if self._waiting else None

    def oldest(self, cursor: int) -> int:
        """The cursor, but before all that still waits."""
        return min([cursor, *(waiting.time - 1 for waiting in self._waiting.values())])

    async def entries(
        self, events: Sequence[StreamEvent], messages: Mapping[str, bytes], now: float
    ) -> dict[str, Entry]:
        """The entries of these events, by `StreamEvent.id`. `messages` are theirs, by URI. Raises ConnectorError."""
        living = [event for event in events if event.uri not in self._deleted]
        found = {entry.id: entry for entry in await self._service.posts(list({event.uri: None for event in living}))}
        shown: list[StreamEvent] = []
        for event in living:
            if self._is_behind(event, found.get(event.uri)) and self._wait(event, messages[event.uri], now):
                continue
            self._attempts.pop(event.uri, None)
            if event.uri in found:
                shown.append(event)
        people = await self._service.people(list({event.did: None for event in shown if event.repost}))
        listed = [_listed(event, found[event.uri], people) for event in shown]
        return {entry.id: entry for entry in await with_wishes(self._service, filter(None, listed))}

    def _is_behind(self, event: StreamEvent, entry: Entry | None) -> bool:
        """Whether the service does not have this version yet. A reposted post may have any."""
        if entry is None:
            return True
        return not (event.repost or entry.broken) and bool(event.cid) and entry.cid != event.cid[-CID_END:]

    def _wait(self, event: StreamEvent, message: bytes, now: float) -> bool:
        """Have the message read again later; False if that was done often enough."""
        attempt = self._attempts.get(event.uri, 0)
        if attempt >= len(DELAYS) or len(self._waiting) >= MAX_WAITING:
            return False
        self._attempts[event.uri] = attempt + 1
        while len(self._attempts) > MAX_WAITING:
            self._attempts.popitem(last=False)
        self._waiting[event.uri] = _Waiting(now + DELAYS[attempt], event.time, message)
        return True


def _listed(event: StreamEvent, entry: Entry, people: Mapping[str, Person]) -> Entry | None:
    """The entry as the account's feed lists it: for a repost with the booster; None if they are not found."""
    if not event.repost:
        return entry
    is_own = event.did == owner_of(entry.key)
    booster = people.get(event.did)
    if booster is None:
        return None
    return replace(entry, id=event.repost, booster=None if is_own else booster, is_boost=not is_own)
