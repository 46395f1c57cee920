"""One poll of one source, read downward: this is the product.

It refuses to know when a source is due and how many are polled at once. Whatever happens to it at any moment, a post is
either stored together with the cursor that is past it, or fetched again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from msgspec import structs
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.intake.admit import AdmitResult, admit
from aggregator.intake.context import (
    PollContext,
    call_connector,
    load,
    max_interval,
    min_interval,
    origin_of,
    with_retries,
)
from aggregator.intake.intervals import adapt, back_off, bounded, pause
from aggregator.logs import about_source
from aggregator.sources.tables import Source
from aggregator.store.errors import Outage
from aggregator.store.lease import shielded
from aggregator.walls.announcing import announce_health
from aggregator.walls.following import end
from aggregator.walls.tables import Wall
from connectors.contract import Page
from connectors.errors import ConnectorError, NotFound, RateLimited

MAX_SENTENCE = 500
REASONS = 3
"""Unreadable entries of a page that are told of, each with its reason."""
MAX_PAGES = 20
"""Pages that a source is given one after the other; a server that always promises one more then waits its turn."""

log = structlog.get_logger()


class PollResult(NamedTuple):
    """What came of a poll. `more` says that the next page is waiting; `to_recheck` are refs to look at again at once.

    `is_missing` says that there is nothing at the source's address any more.
    """

    admitted: AdmitResult = AdmitResult()
    more: bool = False
    trouble: str = ""
    to_recheck: tuple[str, ...] = ()
    is_missing: bool = False

    def then(self, later: PollResult) -> PollResult:
        """What came of both."""
        ours, theirs = self.admitted, later.admitted
        admitted = AdmitResult(
            new=ours.new | theirs.new,
            edited=ours.edited | theirs.edited,
            gone=ours.gone | theirs.gone,
            broken=ours.broken + theirs.broken,
            lost=ours.lost + theirs.lost,
            renamed=ours.renamed + theirs.renamed,
        )
        trouble, to_recheck = later.trouble or self.trouble, self.to_recheck + later.to_recheck
        return later._replace(admitted=admitted, trouble=trouble, to_recheck=to_recheck)


async def to_last_page(poll: Callable[[], Awaitable[PollResult | None]]) -> PollResult | None:
    """Poll until no page is waiting, as long as that is fair; returns what came of them all. None as `poll_source`."""
    total = last = await poll()
    for _ in range(MAX_PAGES - 1):
        if total is None or last is None or not last.more:
            break
        last = await poll()
        total = total if last is None else total.then(last)
    return total


@about_source
async def poll_source(context: PollContext, source_id: int, *, rest: bool = False) -> PollResult | None:
    """Ask a source's network what is new and take it in. None if it has ended, or another poller was faster.

    `rest` says that it has had many pages in a row, so that it waits for the next like any other.
    """
    source = await load(context, source_id)
    if source is None or source.ended_at is not None:
        return None
    told = log.bind(source=source.id, network=source.network, address=source.value)
    try:
        page = await call_connector(
            context, source, lambda connector, address: connector.poll(context.http, address, source.cursor)
        )
        page = structs.replace(page, more=_continues(source, page) and not rest)
        admitted = await shielded(_take_in(context, source, page))
    except ConnectorError as trouble:
        if isinstance(trouble, NotFound) and trouble.gone:
            await shielded(_end(context, source, trouble))
            told.warning("source has ended", trouble=str(trouble))
        else:
            seconds = await shielded(defer(context, source, trouble))
            told.warning("poll failed", trouble=str(trouble), again_in=seconds)
        return PollResult(trouble=str(trouble), is_missing=isinstance(trouble, NotFound))
    if admitted is None:
        told.info("poll discarded", why="another poller was faster, or the source is no longer followed")
        return None
    _tell(context, source_id, told, admitted)
    return PollResult(admitted, more=page.more, to_recheck=page.to_recheck)


async def _take_in(context: PollContext, source: Source, page: Page) -> AdmitResult | None:
    """Raises ConnectorError if the store will not have it: then the cursor stays, and the page is asked for again."""
    try:
        return await with_retries(context, source, lambda: _store(context, source, page))
    except Outage as outage:
        raise ConnectorError(f"{outage} What came will be asked for again.") from outage
    except Exception as error:
        log.exception("page not stored", source=source.id, network=source.network)
        raise ConnectorError(
            "What came could not be stored, and will be asked for again: the log has the reason."
        ) from error


async def _store(context: PollContext, source: Source, page: Page) -> AdmitResult | None:
    """The one transaction: posts, items, records, cursor and health, all or nothing."""
    async with context.store.write() as db:
        current = await claim(db, source)
        if current is None:
            return None
        at = context.clock()
        wall = await db.get_one(Wall, current.wall_id)
        admitted = await admit(db, current, wall, page, at, is_origin=origin_of(context, current))
        current.interval = adapt(
            current.interval, len(admitted.new), min_interval(context, current), max_interval(context, current)
        )
        if current.next_poll_at == source.next_poll_at:  # else someone asked meanwhile for a poll at once
            current.next_poll_at = at + timedelta(seconds=_pause(context, current, page))
        failures = current.failures
        _succeed(current, page, admitted, at)
        await announce_health(db, current, failures)
        return admitted


async def claim(db: AsyncSession, source: Source) -> Source | None:
    """The source as it is now, locked; None if it is gone, has ended or begun again, or has moved on meanwhile.

    Gone it is also where a newer source has its number: SQLite gives numbers again.
    """
    query = select(Source).where(Source.id == source.id).with_for_update()
    current = (await db.exec(query)).first()
    if current is None or current.created_at != source.created_at:
        return None
    if (current.cursor, current.ended_at) != (source.cursor, source.ended_at):
        return None
    return current


async def defer(context: PollContext, source: Source, trouble: ConnectorError) -> float:
    """Store why it failed and wait before trying again; returns for how long, in seconds.

    What has ended keeps the sentence that says why.
    """
    async with context.store.write() as db:
        current = await claim(db, source)
        if current is None or current.next_poll_at != source.next_poll_at:  # someone asked meanwhile for a poll at once
            return 0.0
        current.failures += 1
        if current.ended_at is None:
            current.trouble = _sentence(trouble)
        current.polled_at = context.clock()
        if isinstance(trouble, RateLimited):
            seconds = bounded(trouble.wait, min_interval(context, current))
        else:
            seconds = back_off(current.failures, min_interval(context, current), context.random)
        current.next_poll_at = current.polled_at + timedelta(seconds=seconds)
        await announce_health(db, current, current.failures - 1)
        return seconds


async def _end(context: PollContext, source: Source, trouble: ConnectorError) -> None:
    """It was there and will not come back, says its network: to go on asking would be rude."""
    async with context.store.write() as db:
        current = await claim(db, source)
        if current is not None:
            current.polled_at, current.failures = context.clock(), current.failures + 1
            await end(db, current, _sentence(trouble))


def _continues(source: Source, page: Page) -> bool:
    """A page that promises another must have moved on; one that does not would be asked for without end."""
    return page.more and page.cursor != source.cursor


def _pause(context: PollContext, source: Source, page: Page) -> float:
    if page.more:
        return 0.0
    return pause(source.interval, page.wait, min_interval(context, source), context.random)


def _succeed(source: Source, page: Page, admitted: AdmitResult, at: datetime) -> None:
    source.cursor = page.cursor
    source.polled_at = source.succeeded_at = at
    source.posted_at = at if admitted.new else source.posted_at
    source.posts += len(admitted.new)
    if page.posts or admitted.broken:  # a page that has nothing to say is no news about broken entries either
        source.broken = len(admitted.broken)
        source.unread = "\n".join(map(_printable, dict.fromkeys(admitted.broken[:REASONS])))
    source.failures = 0
    source.trouble = ""


def _tell(context: PollContext, source_id: int, told: structlog.stdlib.BoundLogger, admitted: AdmitResult) -> None:
    """An entry that stays broken is worth a warning the first time, not at each poll that finds it there."""
    heard = context.warned.get(source_id, frozenset())
    for sentence in [each for each in admitted.broken if each not in heard][:REASONS]:
        told.warning("entry not read", trouble=sentence)
    if admitted.broken:
        context.warned[source_id] = frozenset(admitted.broken)
    counts = {"new": len(admitted.new), "edited": len(admitted.edited), "gone": len(admitted.gone)}
    tell = told.info if any(counts.values()) else told.debug
    tell("polled", broken=len(admitted.broken), **counts)


def _sentence(trouble: ConnectorError) -> str:
    return _printable(str(trouble) or type(trouble).__name__)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:MAX_SENTENCE]
