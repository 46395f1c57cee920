"""Wishes to be left out, which authors write into their profiles. Listings show no profiles: they are asked for.

What a profile says is remembered for an hour, so a busy listing costs one request for every 25 new authors.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from connectors.http.client import Http
from connectors.networks.bluesky.client import Service
from connectors.networks.bluesky.people import did_of
from connectors.networks.bluesky.reading import Entry, people_in

TRUSTED_FOR: Final = timedelta(hours=1)
REMEMBERED: Final = 10_000
"""Profiles that are remembered."""

_Known = OrderedDict[tuple[str, str], tuple[datetime, str]]
_profiles: WeakKeyDictionary[Http, _Known] = WeakKeyDictionary()
"""(origin, DID) → when the profile was read, and its wish, by client."""


async def with_wishes(service: Service, entries: Iterable[Entry]) -> list[Entry]:
    """The entries with their authors' wishes; without boosters and quotes of people who ask to be left out.

    Raises ConnectorError: nothing is shown of people whose wish is unknown.
    """
    listed = list(entries)
    wishes = await _wishes(service, dict.fromkeys(did for entry in listed for did in people_in(entry)))
    return [_heeded(entry, wishes) for entry in listed]


async def _wishes(service: Service, dids: Iterable[str]) -> dict[str, str]:
    known, now = _profiles.setdefault(service.http, OrderedDict()), service.http.now()
    wanted = list(dids)
    asked = [did for did in wanted if not _is_fresh(known.get((service.origin, did)), now)]
    found = await service.wishes(asked)
    for did in asked:
        known[service.origin, did] = (now, found.get(did, ""))
        known.move_to_end((service.origin, did))
    result = {did: known[service.origin, did][1] for did in wanted}
    while len(known) > REMEMBERED:
        known.popitem(last=False)
    return result


def _is_fresh(profile: tuple[datetime, str] | None, now: datetime) -> bool:
    return profile is not None and timedelta() <= now - profile[0] < TRUSTED_FOR


def _heeded(entry: Entry, wishes: dict[str, str]) -> Entry:
    if entry.post is None:
        return entry
    post, booster = entry.post, entry.booster
    if wish := wishes.get(did_of(post.author.url)):
        post = replace(post, opted_out=post.opted_out or wish)
    if post.quote and wishes.get(did_of(post.quote.author.url)):
        post = replace(post, quote=None)
    if booster and wishes.get(did_of(booster.url)):
        booster = None
    return replace(entry, post=post, booster=booster)
