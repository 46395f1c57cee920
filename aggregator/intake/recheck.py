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
from aggregator.intake.admit import AdmitResult, admit
from aggregator.intake.context import PollContext, call_connector, load, origin_of, with_retries
from aggregator.intake.poll import PollResult, defer
from aggregator.items.tables import numbers
from aggregator.logs import about_source
from aggregator.sources.tables import Sighting, Source
from aggregator.store.errors import Outage
from aggregator.store.lease import shielded
from aggregator.timestamps import to_micros
from aggregator.walls.tables import Wall
from connectors.contract import Connector, Page
from connectors.errors import ConnectorError, RateLimited

MAX_AT_ONCE = 20
"""Posts that one round looks at. Half of them are among the newest on the wall, which is what people see."""
NEWEST = 60
ROUND_INTERVAL = timedelta(minutes=1)
RECHECK_PAUSE = timedelta(minutes=2)
"""A post that was seen or looked at within this time is left alone."""

log = structlog.get_logger()

Known = dict[int, Sighting]
"""Post number → sighting."""


def can_recheck(connector: Connector | None) -> bool:
    """Whether the connector has a way to do it at all."""
    return connector is not None and type(connector).recheck is not Connector.recheck


class RecheckResult(NamedTuple):
    """What came of looking again, and how long its server wants to be left alone with this, in seconds."""

    admitted: AdmitResult = AdmitResult()
    wait: float = 0.0


@about_source
async def recheck_source(
    context: PollContext, source_id: int, to_recheck: Collection[str] = ()
) -> RecheckResult | None:
    """One round for one source, or a look at the `to_recheck` refs alone. None if nothing was asked or answered."""
    source = await load(context, source_id)
    if source is None or not can_recheck(context.connectors.get(source.network)):
        return None
    sightings = await (_named(context, source, to_recheck) if to_recheck else _candidates(context, source))
    if not sightings:
        return None
    refs = {sighting.key: sighting.ref for sighting in sightings.values()}
    try:
        page = await call_connector(
            context, source, lambda connector, address: connector.recheck(context.http, address, refs)
        )
    except RateLimited as trouble:
        await shielded(defer(context, source, trouble))
        return None
    except ConnectorError as trouble:
        log.warning("recheck failed", source=source.id, network=source.network, trouble=str(trouble))
        page = Page()
    return await shielded(with_retries(context, source, lambda: _take_in(context, source, sightings, page)))


async def recheck_after_poll(context: PollContext, source_id: int, polled: PollResult | None) -> PollResult:
    """For who polls now and then, without a server: what this poll doubts, then a round. Returns what came of both.

    Nothing is asked of a server in trouble, nor where another poller was faster and looks by itself. A store that is
    away is this source's trouble, and no other's.
    """
    came = PollResult()
    if polled is None or (polled.trouble and not polled.is_missing):
        return came
    for to_recheck in (polled.to_recheck, ()) if polled.to_recheck else ((),):
        try:
            look = await recheck_source(context, source_id, to_recheck)
        except Outage as outage:
            return came._replace(trouble=str(outage))
        if look is None:
            break
        came = came.then(PollResult(look.admitted))
    return came


async def recheck_ended(context: PollContext, source_id: int) -> RecheckResult | None:
    """What is left to do for a source that has ended: a round, and the next one later."""
    look = await recheck_source(context, source_id)
    await shielded(_put_off_ended(context, source_id, look.wait if look else 0.0))
    return look


async def _put_off_ended(context: PollContext, source_id: int, wait: float) -> None:
    """Unless its server has asked for more patience, or somebody follows it again."""
    at, pause = context.clock(), max(ROUND_INTERVAL, timedelta(seconds=wait))
    due = (col(Source.id) == source_id, col(Source.ended_at).is_not(None), col(Source.next_poll_at) <= at)
    async with context.store.write() as db:
        await db.exec(update(Source).where(*due).values(polled_at=at, next_poll_at=at + pause))


async def _take_in(context: PollContext, source: Source, sightings: Known, page: Page) -> RecheckResult | None:
    """Admit the answer; the cursor and the pace belong to polls. What was asked about rests, answered or not."""
    async with context.store.write() as db:
        current = await db.get(Source, source.id, with_for_update=True)
        if current is None:
            return None
        at = context.clock()
        wall = await db.get_one(Wall, current.wall_id)
        asked = [sighting.key for sighting in sightings.values()]
        admitted = await admit(db, current, wall, page, at, also=asked, is_origin=origin_of(context, current))
        await _let_rest(db, current, sightings, at)
        return RecheckResult(admitted, page.wait or 0.0)


async def _let_rest(db: AsyncSession, source: Source, posts: Iterable[int], at: datetime) -> None:
    asked = (col(Sighting.source_id) == source.id, col(Sighting.post_n).in_(sorted(posts)))
    await db.exec(update(Sighting).where(*asked).values(checked_at=to_micros(at)))


async def _named(context: PollContext, source: Source, refs: Collection[str]) -> Known:
    query = select(Sighting).where(Sighting.source_id == source.id, col(Sighting.ref).in_(sorted(set(refs) - {""})))
    async with context.store.read() as db:
        return {sighting.post_n: sighting for sighting in await db.exec(query.limit(MAX_AT_ONCE))}


async def _candidates(context: PollContext, source: Source) -> Known:
    """Some of the newest on the wall, then those that were not looked at for the longest time."""
    at, checked = context.clock(), col(Sighting.checked_at)
    rested = or_(checked < to_micros(at - RECHECK_PAUSE), checked > to_micros(at))  # the clock may have stepped back
    due = (
        select(Sighting)
        .where(Sighting.source_id == source.id, rested, Sighting.ref != "")
        .order_by(col(Sighting.checked_at), col(Sighting.post_n))
    )
    async with context.store.read() as db:
        wall = await db.get_one(Wall, source.wall_id)
        newest = due.where(col(Sighting.post_n).in_(numbers(await _newest(db, wall)))).limit(MAX_AT_ONCE // 2)
        found = {sighting.post_n: sighting for sighting in await db.exec(newest)}
        for sighting in await db.exec(due.limit(MAX_AT_ONCE)):
            if len(found) < MAX_AT_ONCE:
                found[sighting.post_n] = sighting
    return found


async def _newest(db: AsyncSession, wall: Wall) -> list[str]:
    """What a visitor sees first."""
    query = (
        select(Record.key)
        .where(Record.channel_id == wall.channel, Record.kind == POST, col(Record.body).is_not(None))
        .order_by(col(Record.at).desc())
        .limit(NEWEST)
    )
    return list(await db.exec(query))
