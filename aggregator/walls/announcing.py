"""A wall's own record: what pages know of the wall itself, published anew whenever it changes."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import msgspec
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.publish import Draft, NoChannel, publish
from aggregator.sources.lookup import is_unfollowed
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.timestamps import to_micros, to_wire
from aggregator.walls.tables import Wall

SILENT = 3
"""Failures in a row after which a source counts as not answering: a minute or two, where it is asked often."""


async def hold(db: AsyncSession, wall: Wall) -> None:
    """Let nobody else change or announce the wall until the transaction ends, and read it anew. Raises NoChannel.

    Whoever changes sources does that before: polls, too, lock a source before the channel.
    """
    await publish(db, wall.channel, [])  # nothing: it locks the channel
    db.add(wall)
    await db.refresh(wall)


async def announce(db: AsyncSession, wall: Wall) -> None:
    """Publish what pages must know about the wall itself; if they know it already, nothing. Raises NoChannel.

    Who follows another source at the same moment waits for this to end, so that the last one knows them all.
    """
    await hold(db, wall)
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
        "look": wall.look,
    }
    draft = Draft(kind="wall", key="wall", at=0, body=msgspec.json.encode(body))
    for channel_id in (wall.channel, wall.desk):
        await publish(db, channel_id, [draft])


async def announce_health(db: AsyncSession, source: Source, failures: int) -> None:
    """Tell pages where this source has just stopped answering, or answers again; `failures` it had before."""
    if (failures >= SILENT) != (source.failures >= SILENT):
        await db.flush()
        await announce(db, await db.get_one(Wall, source.wall_id))


async def announce_all(store: Store) -> None:
    """Every wall anew: an earlier version may have said less of it to its pages."""
    async with store.read() as db:
        ids = (await db.exec(select(Wall.id))).all()
    for wall_id in ids:
        with suppress(NoChannel):  # removed meanwhile
            async with store.write() as db:
                wall = await db.get(Wall, wall_id)
                if wall is not None:
                    await announce(db, wall)


def _open_to_all(wall: Wall, sources: Sequence[Source]) -> list[str]:
    """The networks on which whoever posts with the wall's own hashtag comes to the wall."""
    tag = _compared(wall.hashtag)
    living = [each for each in sources if each.ended_at is None and each.kind == "hashtag"]
    return sorted({each.network for each in living if _compared(each.value) == tag})


def _compared(hashtag: str) -> str:
    return unicodedata.normalize("NFC", hashtag.removeprefix("#")).casefold()


def _silent(sources: Sequence[Source]) -> list[dict[str, str]]:
    """The networks of which no source brings anything, whatever is wrong, each with the moment of the last success.

    A source that has ended by itself, such as a deleted account, brings nothing until somebody unfollows it.
    """
    by_network: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        by_network[source.network].append(source)
    return [
        {"network": network, "since": to_wire(to_micros(max(map(_heard_at, all_of_it))))}
        for network, all_of_it in sorted(by_network.items())
        if all(source.failures >= SILENT or source.ended_at is not None for source in all_of_it)
    ]


def _heard_at(source: Source) -> datetime:
    return source.succeeded_at or source.created_at
