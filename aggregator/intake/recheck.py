"""Looking again, politely, at posts that a source has brought: were they edited, are they still public?

It owns which posts are looked at next; what the network answers is admitted like any other page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.read import POST
from aggregator.channel.tables import Record
from aggregator.intake.admit import Admitted, admit
from aggregator.intake.context import Kit, ask, at_last, finish, load, origin_of
from aggregator.intake.poll import Polled, put_off
from aggregator.items.tables import numbers
from aggregator.logs import about_source
from aggregator.sources.tables import Sighting, Source
from aggregator.store.errors import Outage
from aggregator.timestamps import to_micros
from aggregator.walls.tables import Wall
from connectors.contract import Connector, Page
from connectors.errors import Throttled, Trouble

AT_ONCE = 20
"""Posts that one round looks at. Half of them are among the newest on the wall, which is what people see."""
NEWEST = 60
ROUND_EVERY = timedelta(minutes=1)
REST = timedelta(minutes=2)
"""A post that was seen or looked at within this time is left alone."""

log = structlog.get_logger()

Known = dict[int, Sighting]
"""Post number → sighting."""


def can_look_again(connector: Connector | None) -> bool:
    """Whether the connector has a way to do it at all."""
    return connector is not None and type(connector).recheck is not Connector.recheck


class Look(NamedTuple):
    """What came of looking again, and how long its server wants to be left alone with this, in seconds."""

    admitted: Admitted = Admitted()
    wait: float = 0.0


@about_source
async def recheck_source(kit: Kit, source_id: int, doubted: Collection[str] = ()) -> Look | None:
    """One round for one source, or a look at the `doubted` refs alone. None if nothing was asked or answered."""
    source = await load(kit, source_id)
    if source is None or not can_look_again(kit.connectors.get(source.network)):
        return None
    sightings = await (_named(kit, source, doubted) if doubted else _candidates(kit, source))
    if not sightings:
        return None
    refs = {sighting.key: sighting.ref for sighting in sightings.values()}
    try:
        page = await ask(kit, source, lambda connector, address: connector.recheck(kit.http, address, refs))
    except Throttled as trouble:
        await finish(put_off(kit, source, trouble))
        return None
    except Trouble as trouble:
        log.warning("recheck failed", source=source.id, network=source.network, trouble=str(trouble))
        page = Page()
    return await finish(at_last(kit, source, lambda: _take_in(kit, source, sightings, page)))


async def look_now(kit: Kit, source_id: int, polled: Polled | None) -> Polled:
    """For who polls now and then, without a server: what this poll doubts, then a round. Returns what came of both.

    Nothing is asked of a server in trouble, nor where another poller was faster and looks by itself. A store that is
    away is this source's trouble, and no other's.
    """
    came = Polled()
    if polled is None or (polled.trouble and not polled.is_missing):
        return came
    for doubted in (polled.doubted, ()) if polled.doubted else ((),):
        try:
            look = await recheck_source(kit, source_id, doubted)
        except Outage as outage:
            return came._replace(trouble=str(outage))
        if look is None:
            break
        came = came.then(Polled(look.admitted))
    return came


async def look_after(kit: Kit, source_id: int) -> Look | None:
    """What is left to do for a source that has ended: a round, and the next one later."""
    look = await recheck_source(kit, source_id)
    await finish(_put_off_ended(kit, source_id, look.wait if look else 0.0))
    return look


async def _put_off_ended(kit: Kit, source_id: int, wait: float) -> None:
    """Unless its server has asked for more patience, or somebody follows it again."""
    at, pause = kit.clock(), max(ROUND_EVERY, timedelta(seconds=wait))
    due = (col(Source.id) == source_id, col(Source.ended_at).is_not(None), col(Source.next_poll_at) <= at)
    async with kit.store.write() as session:
        await session.exec(update(Source).where(*due).values(polled_at=at, next_poll_at=at + pause))


async def _take_in(kit: Kit, source: Source, sightings: Known, page: Page) -> Look | None:
    """Admit the answer; the cursor and the pace belong to polls. What was asked about rests, answered or not."""
    async with kit.store.write() as session:
        current = await session.get(Source, source.id, with_for_update=True)
        if current is None:
            return None
        at = kit.clock()
        wall = await session.get_one(Wall, current.wall_id)
        asked = [sighting.key for sighting in sightings.values()]
        admitted = await admit(session, current, wall, page, at, also=asked, is_origin=origin_of(kit, current))
        await _let_rest(session, current, sightings, at)
        return Look(admitted, page.wait or 0.0)


async def _let_rest(session: AsyncSession, source: Source, posts: Iterable[int], at: datetime) -> None:
    asked = (col(Sighting.source_id) == source.id, col(Sighting.post_n).in_(sorted(posts)))
    await session.exec(update(Sighting).where(*asked).values(checked_at=to_micros(at)))


async def _named(kit: Kit, source: Source, refs: Collection[str]) -> Known:
    query = select(Sighting).where(Sighting.source_id == source.id, col(Sighting.ref).in_(sorted(set(refs) - {""})))
    async with kit.store.read() as session:
        return {sighting.post_n: sighting for sighting in await session.exec(query.limit(AT_ONCE))}


async def _candidates(kit: Kit, source: Source) -> Known:
    """Some of the newest on the wall, then those that were not looked at for the longest time."""
    at, checked = kit.clock(), col(Sighting.checked_at)
    rested = or_(checked < to_micros(at - REST), checked > to_micros(at))  # the clock may have stepped back
    due = (
        select(Sighting)
        .where(Sighting.source_id == source.id, rested, Sighting.ref != "")
        .order_by(col(Sighting.checked_at), col(Sighting.post_n))
    )
    async with kit.store.read() as session:
        wall = await session.get_one(Wall, source.wall_id)
        newest = due.where(col(Sighting.post_n).in_(numbers(await _newest(session, wall)))).limit(AT_ONCE // 2)
        found = {sighting.post_n: sighting for sighting in await session.exec(newest)}
        for sighting in await session.exec(due.limit(AT_ONCE)):
            if len(found) < AT_ONCE:
                found[sighting.post_n] = sighting
    return found


async def _newest(session: AsyncSession, wall: Wall) -> list[str]:
    """What a visitor sees first."""
    query = (
        select(Record.key)
        .where(Record.channel_id == wall.channel, Record.kind == POST, col(Record.body).is_not(None))
        .order_by(col(Record.at).desc())
        .limit(NEWEST)
    )
    return list(await session.exec(query))
