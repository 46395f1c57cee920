"""Rechecks of posts that a source has brought: edits, deletions, and posts that are not public any more."""

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
from aggregator.intake.lease import leased
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
"""Posts in one round of rechecks. Up to half of them are among the newest on the wall, which visitors see first."""
NEWEST = 60
ROUND_INTERVAL = timedelta(minutes=1)
RECHECK_PAUSE = timedelta(minutes=2)
"""How long a post is not rechecked after it was seen or rechecked."""

log = structlog.get_logger()

Known = dict[int, Sighting]
"""Post number → sighting."""


def can_recheck(connector: Connector | None) -> bool:
    """Whether the connector implements `recheck`."""
    return connector is not None and type(connector).recheck is not Connector.recheck


class RecheckResult(NamedTuple):
    """The result of a recheck, and the seconds that the server asks to wait before the next."""

    admitted: AdmitResult = AdmitResult()
    wait: float = 0.0


@about_source
async def recheck_source(
    context: PollContext, source_id: int, to_recheck: Collection[str] = ()
) -> RecheckResult | None:
    """Recheck one round of a source's posts, or only the refs `to_recheck`. None if there was no request or answer."""
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
    except RateLimited as error:
        await shielded(defer(context, source, error))
        return None
    except ConnectorError as error:
        log.warning("recheck failed", source=source.id, network=source.network, error=str(error))
        page = Page()
    return await shielded(with_retries(context, source, lambda: _admit(context, source, sightings, page)))


async def recheck_after_poll(context: PollContext, source_id: int, polled: PollResult | None) -> PollResult:
    """Recheck, outside a server, the refs that a poll reports as missing, then one round; returns both results.

    Nothing is rechecked after a failed poll, or where another poller was faster. An outage of the store is reported
    as this source's error.
    """
    total = PollResult()
    if polled is None or (polled.trouble and not polled.is_missing):
        return total
    for to_recheck in (polled.to_recheck, ()) if polled.to_recheck else ((),):
        try:
            result = await recheck_leased(context, source_id, to_recheck)
        except Outage as outage:
            return total._replace(trouble=str(outage))
        if result is None:
            break
        total = total.then(PollResult(result.admitted))
    return total


async def recheck_leased(
    context: PollContext, source_id: int, to_recheck: Collection[str] = ()
) -> RecheckResult | None:
    """The same as `recheck_source`; None also while another process polls or rechecks this source. Raises Outage."""
    async with leased(context, source_id, due=False) as ours:
        return await recheck_source(context, source_id, to_recheck) if ours else None


async def recheck_stopped(context: PollContext, source_id: int) -> RecheckResult | None:
    """Recheck one round of a source that has ended or is paused, and schedule the next."""
    result = await recheck_source(context, source_id)
    await shielded(_defer_stopped(context, source_id, result.wait if result else 0.0))
    return result


async def _defer_stopped(context: PollContext, source_id: int, wait: float) -> None:
    """Schedule the next round, unless the source is deferred for longer, is followed again or is resumed."""
    at, pause = context.clock(), max(ROUND_INTERVAL, timedelta(seconds=wait))
    stopped = or_(col(Source.ended_at).is_not(None), col(Source.paused_at).is_not(None))
    due = (col(Source.id) == source_id, stopped, col(Source.next_poll_at) <= at)
    async with context.store.write() as db:
        await db.exec(update(Source).where(*due).values(polled_at=at, next_poll_at=at + pause))


async def _admit(context: PollContext, source: Source, sightings: Known, page: Page) -> RecheckResult | None:
    """Admit the answer without touching cursor and interval, and mark all requested posts as checked."""
    async with context.store.write() as db:
        current = await db.get(Source, source.id, with_for_update=True)
        if current is None:
            return None
        at = context.clock()
        wall = await db.get_one(Wall, current.wall_id)
        asked = [sighting.key for sighting in sightings.values()]
        admitted = await admit(db, current, wall, page, at, also=asked, is_origin=origin_of(context, current))
        await _mark_checked(db, current, sightings, at)
        return RecheckResult(admitted, page.wait or 0.0)


async def _mark_checked(db: AsyncSession, source: Source, posts: Iterable[int], at: datetime) -> None:
    asked = (col(Sighting.source_id) == source.id, col(Sighting.post_n).in_(sorted(posts)))
    await db.exec(update(Sighting).where(*asked).values(checked_at=to_micros(at)))


async def _named(context: PollContext, source: Source, refs: Collection[str]) -> Known:
    query = select(Sighting).where(Sighting.source_id == source.id, col(Sighting.ref).in_(sorted(set(refs) - {""})))
    async with context.store.read() as db:
        return {sighting.post_n: sighting for sighting in await db.exec(query.limit(MAX_AT_ONCE))}


async def _candidates(context: PollContext, source: Source) -> Known:
    """Return some of the newest posts on the wall, then the posts whose last check is the longest ago."""
    at, checked = context.clock(), col(Sighting.checked_at)
    rested = or_(checked < to_micros(at - RECHECK_PAUSE), checked > to_micros(at))  # the clock may have been set back
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
    """Return the newest posts on the wall."""
    query = (
        select(Record.key)
        .where(Record.channel_id == wall.channel, Record.kind == POST, col(Record.body).is_not(None))
        .order_by(col(Record.at).desc())
        .limit(NEWEST)
    )
    return list(await db.exec(query))
