"""The `wall` record, which tells pages about the wall itself, published whenever it changes."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.publish import Draft, NoChannel, lock_channel, publish
from aggregator.sources.lookup import is_unfollowed
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.timestamps import to_micros, to_wire
from aggregator.walls.tables import Wall

MAX_FAILURES = 3
"""Consecutive failures after which a source counts as silent: a minute or two for a busy source."""
LONG_PAUSE = timedelta(minutes=10)
"""A pause after a failure for which a source counts as silent at once, such as one that its server demands."""


WALL_RECORD = "wall"
"""The kind, and the key, of a wall's own record."""


async def lock_and_refresh(db: AsyncSession, wall: Wall) -> None:
    """Lock the wall's channel until the transaction ends, and read the wall again. Raises NoChannel.

    Lock and change sources before: polls lock a source before the channel, too.
    """
    await lock_channel(db, wall.channel)
    db.add(wall)
    await db.refresh(wall)


async def announce(db: AsyncSession, wall: Wall) -> None:
    """Publish the `wall` record if it has changed; the desk's says since when the wall is frozen. Raises NoChannel.

    Concurrent callers wait for one another, so that the last one sees all sources.
    """
    await lock_and_refresh(db, wall)
    query = select(Source).where(Source.wall_id == wall.id).execution_options(populate_existing=True)
    sources = [source for source in await db.exec(query) if not is_unfollowed(source)]
    body = {
        "slug": wall.slug,
        "name": wall.name,
        "hashtag": wall.hashtag,
        "time_zone": wall.time_zone,
        "mode": wall.mode,
        "networks": _open_to_all(wall, sources),
        "silent": _silent(sources),
        "has_sources": bool(sources),
        "look": wall.look,
    }
    frozen = {"frozen": wall.frozen_at} if wall.frozen_at is not None else {}
    for channel_id, told in ((wall.channel, body), (wall.desk, body | frozen)):
        await publish(db, channel_id, [Draft(kind=WALL_RECORD, key=WALL_RECORD, at=0, body=msgspec.json.encode(told))])


async def announce_health(db: AsyncSession, source: Source, *, was_silent: bool) -> None:
    """Publish the wall if the source has just become silent, or responds again (see `is_silent`)."""
    if was_silent != is_silent(source):
        await db.flush()
        await announce(db, await db.get_one(Wall, source.wall_id))


def is_silent(source: Source) -> bool:
    """Whether readers are told that nothing comes from this source; not of one that a person has paused."""
    if source.ended_at is not None:
        return True
    if source.paused_at is not None:
        return False
    if source.failures >= MAX_FAILURES:
        return True
    paused = source.polled_at is not None and source.next_poll_at - source.polled_at >= LONG_PAUSE
    return source.failures > 0 and paused


async def announce_all(store: Store) -> None:
    """Publish every wall again, because an older version may have published fewer fields."""
    async with store.read() as db:
        ids = (await db.exec(select(Wall.id))).all()
    for wall_id in ids:
        with suppress(NoChannel):  # removed meanwhile
            async with store.write() as db:
                wall = await db.get(Wall, wall_id)
                if wall is not None:
                    await announce(db, wall)


def _open_to_all(wall: Wall, sources: Sequence[Source]) -> list[str]:
    """Return the networks on which the wall follows its own hashtag."""
    tag = _compared(wall.hashtag)
    living = [each for each in sources if each.is_polled and each.kind == "hashtag"]
    return sorted({each.network for each in living if _compared(each.value) == tag})


def _compared(hashtag: str) -> str:
    return unicodedata.normalize("NFC", hashtag.removeprefix("#")).casefold()


def _silent(sources: Sequence[Source]) -> list[dict[str, str]]:
    """Return the networks of which no source works, each with the time of the last success.

    A source that its network has ended, such as a deleted account, counts until it is unfollowed.
    """
    by_network: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        by_network[source.network].append(source)
    return [
        {"network": network, "since": to_wire(to_micros(max(map(_heard_at, all_of_it))))}
        for network, all_of_it in sorted(by_network.items())
        if all(map(is_silent, all_of_it))
    ]


def _heard_at(source: Source) -> datetime:
    return source.succeeded_at or source.created_at
