"""Wishes of authors to be left out that a timeline does not carry: they are looked up in their profiles.

The cursor keeps them, so that each author of a page is looked up once in an hour.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

import msgspec

from connectors.http.not_modified import is_trusted
from connectors.timeline.entries import Entry
from connectors.timeline.walk import NewEntries

LookUp = Callable[[list[str]], Awaitable[dict[str, str]]]
"""The wishes of people by the server's names, as sentences, empty for none; without those still to be looked up."""


async def with_wishes(new: NewEntries, look_up: LookUp, now: datetime) -> NewEntries:
    """The same entries and position with their authors' wishes. Raises ConnectorError."""
    if not new.entries:
        return new
    position = new.position
    is_fresh = is_trusted(position.asked_at, now)
    named = _names(new.entries)
    wishes = {name: wish for name, wish in position.wishes.items() if is_fresh and name in named}
    unknown = [name for name in named if name not in wishes]
    if unknown:
        wishes |= await look_up(sorted(unknown))
    asked_at = position.asked_at if is_fresh else now.replace(microsecond=0).isoformat()
    digest = position.digest if all(name in wishes for name in named) else ""  # the rest is looked up by the next poll
    position = msgspec.structs.replace(position, wishes=wishes, asked_at=asked_at, digest=digest)
    return msgspec.structs.replace(new, entries=[apply(entry, wishes) for entry in new.entries], position=position)


def apply(entry: Entry, wishes: Mapping[str, str]) -> Entry:
    """The entry without quote or booster who asks to be left out, and its post marked if its author does."""
    post = entry.post
    if post is None:
        return entry
    if not post.opted_out and (wish := wishes.get(entry.author)):
        post = msgspec.structs.replace(post, opted_out=wish)
    if post.quote and wishes.get(entry.quoted):
        post = msgspec.structs.replace(post, quote=None)
    booster = None if wishes.get(entry.booster_name) else entry.booster
    return msgspec.structs.replace(entry, post=post, booster=booster)


def _names(entries: Iterable[Entry]) -> list[str]:
    named = (name for entry in entries if entry.post for name in (entry.author, entry.quoted, entry.booster_name))
    return list(dict.fromkeys(name for name in named if name))
