"""One poll of one source, from the network to the wall.

A crash at any point loses no post: each is either stored together with the cursor that is past it, or fetched again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
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
from aggregator.intake.intervals import adapt, back_off, bounded, pause, while_listening
from aggregator.logs import about_source
from aggregator.sources.tables import Source
from aggregator.store.errors import Outage
from aggregator.store.lease import shielded
from aggregator.walls.announcing import announce_health, is_silent
from aggregator.walls.following import end
from aggregator.walls.tables import Wall
from connectors.contract import Address, Connector, Page
from connectors.errors import ConnectorError, NotFound, RateLimited, Unavailable

MAX_SENTENCE = 500
MAX_REASONS = 3
"""Unreadable entries of a page that are reported with their reasons."""
NOT_YET = "Not listening yet: the stream that tells this source's posts is being opened."
MAX_PAGES = 20
"""Pages that a source may fetch in a row before it waits for its next turn."""

log = structlog.get_logger()


class PollResult(NamedTuple):
    """What came of asking and of storing.

    `more` means that another page is waiting; `to_recheck` are refs to recheck at once;
    `is_missing` means that the source's address no longer exists.
    """

    admitted: AdmitResult = AdmitResult()
    more: bool = False
    trouble: str = ""
    to_recheck: tuple[str, ...] = ()
    is_missing: bool = False

    def then(self, later: PollResult) -> PollResult:
        """Return the combined result of both polls."""
        ours, theirs = self.admitted, later.admitted
        admitted = AdmitResult(
            new=ours.new | theirs.new,
            edited=ours.edited | theirs.edited,
            gone=ours.gone | theirs.gone,
            broken=ours.broken + theirs.broken,
            authors_to_check=ours.authors_to_check + theirs.authors_to_check,
            renamed=ours.renamed + theirs.renamed,
            disputed=ours.disputed + theirs.disputed,
        )
        to_recheck = self.to_recheck + later.to_recheck
        return later._replace(admitted=admitted, trouble=later.trouble or self.trouble, to_recheck=to_recheck)


async def to_last_page(poll: Callable[[], Awaitable[PollResult | None]]) -> PollResult | None:
    """Poll until no page is waiting, at most MAX_PAGES times; returns the combined result. None as `poll_source`."""
    total = last = await poll()
    for _ in range(MAX_PAGES - 1):
        if total is None or last is None or not last.more:
            break
        last = await poll()
        total = total if last is None else total.then(last)
    return total


@about_source
async def poll_source(context: PollContext, source_id: int, *, rest: bool = False) -> PollResult | None:
    """Fetch a source's new posts and admit them. None if it has ended or is paused, or another poller was faster.

    `rest` means that the source has had many pages in a row and must wait for its next turn.
    """
    source = await load(context, source_id)
    if source is None or not source.is_polled:
        return None
    source_log = log.bind(source=source.id, network=source.network, address=source.value)
    try:
        page = await call_connector(context, source, partial(_ask, context, source))
        page = structs.replace(page, more=_continues(source, page) and not rest)
        admitted = await shielded(_admit(context, source, page))
    except ConnectorError as error:
        if isinstance(error, NotFound) and error.gone:
            await shielded(_end(context, source, error))
            source_log.warning("source ended", error=str(error))
        else:
            seconds = await shielded(defer(context, source, error))
            source_log.warning("poll failed", error=str(error), again_in=seconds)
        return PollResult(trouble=str(error), is_missing=isinstance(error, NotFound))
    if admitted is None:
        source_log.info("poll discarded", why="another poller was faster, or the source is paused or unfollowed")
        return None
    _log_result(context, source_id, source_log, admitted)
    return PollResult(admitted, more=page.more, to_recheck=page.to_recheck)


async def _ask(context: PollContext, source: Source, connector: Connector, address: Address) -> Page:
    """Fetch what is new. A source that is only listened to is told to be well while its stream is open."""
    if connector.can_poll(address):
        return await connector.poll(context.http, address, source.cursor)
    if source.listening_since is None:
        raise Unavailable(source.not_listening or NOT_YET)
    return Page(cursor=source.cursor)


async def _admit(context: PollContext, source: Source, page: Page) -> AdmitResult | None:
    """Store a page. Raises ConnectorError on failure: the cursor stays, and the page is fetched again."""
    try:
        return await with_retries(context, source, lambda: _store(context, source, page))
    except Outage as outage:
        raise ConnectorError(f"{outage} The posts will be fetched again.") from outage
    except Exception as error:
        log.exception("page not stored", source=source.id, network=source.network)
        raise ConnectorError(
            "Internal error while storing posts: they will be fetched again; see the log for details."
        ) from error


async def _store(context: PollContext, source: Source, page: Page) -> AdmitResult | None:
    """Store posts, items, records, cursor and health in one transaction."""
    async with context.store.write() as db:
        current = await claim(db, source)
        if current is None:
            return None
        at, was_silent = context.clock(), is_silent(current)
        wall = await db.get_one(Wall, current.wall_id)
        admitted = await admit(db, current, wall, page, at, is_origin=origin_of(context, current))
        current.interval = adapt(
            current.interval, len(admitted.new), min_interval(context, current), max_interval(context, current)
        )
        if current.next_poll_at == source.next_poll_at:  # else an immediate poll was requested meanwhile
            current.next_poll_at = at + timedelta(seconds=_pause(context, current, page))
        _succeed(current, page, admitted, at)
        await announce_health(db, current, was_silent=was_silent)
        return admitted


async def claim(db: AsyncSession, source: Source) -> Source | None:
    """Return the source, locked; None if it was removed, ended, paused, followed again or polled meanwhile.

    A source with another `created_at` is a newer one: SQLite reuses ids.
    """
    query = select(Source).where(Source.id == source.id).with_for_update()
    current = (await db.exec(query)).first()
    if current is None or current.created_at != source.created_at:
        return None
    stood, stands = ((each.cursor, each.ended_at, each.paused_at) for each in (source, current))
    if stood != stands:
        return None
    return current


async def defer(context: PollContext, source: Source, error: ConnectorError) -> float:
    """Record the failure and defer the next poll; returns the pause in seconds.

    A source that has ended keeps the reason for its end.
    """
    async with context.store.write() as db:
        current = await claim(db, source)
        if current is None or current.next_poll_at != source.next_poll_at:  # an immediate poll was requested meanwhile
            return 0.0
        was_silent = is_silent(current)
        current.failures += 1
        if current.ended_at is None:
            current.trouble = sentence(error)
        current.polled_at = context.clock()
        if isinstance(error, RateLimited):
            seconds = bounded(error.wait, min_interval(context, current))
        else:
            seconds = back_off(current.failures, min_interval(context, current), context.random)
        current.next_poll_at = current.polled_at + timedelta(seconds=seconds)
        await announce_health(db, current, was_silent=was_silent)
        return seconds


async def _end(context: PollContext, source: Source, error: ConnectorError) -> None:
    """End the source: its network says that it is permanently gone."""
    async with context.store.write() as db:
        current = await claim(db, source)
        if current is not None:
            current.polled_at, current.failures = context.clock(), current.failures + 1
            await end(db, current, sentence(error))


def _continues(source: Source, page: Page) -> bool:
    """Whether another page is waiting. The cursor must have changed, or the same page would be fetched forever."""
    return page.more and page.cursor != source.cursor


def _pause(context: PollContext, source: Source, page: Page) -> float:
    if page.more:
        return 0.0
    seconds = pause(source.interval, page.wait, min_interval(context, source), context.random)
    if source.listening_since is None:
        return seconds
    return while_listening(seconds, (context.clock() - source.listening_since).total_seconds(), context.random)


def _succeed(source: Source, page: Page, admitted: AdmitResult, at: datetime) -> None:
    source.cursor = page.cursor
    source.polled_at = source.succeeded_at = at
    source.posted_at = at if admitted.new else source.posted_at
    source.posts += len(admitted.new)
    if page.posts or admitted.broken:  # an empty page says nothing about broken entries
        source.broken = len(admitted.broken)
        source.unread = "\n".join(map(_printable, dict.fromkeys(admitted.broken[:MAX_REASONS])))
    source.failures = 0
    source.trouble = ""


def _log_result(
    context: PollContext, source_id: int, source_log: structlog.stdlib.BoundLogger, admitted: AdmitResult
) -> None:
    """Log the counts, and a warning for each unreadable entry the first time that a poll finds it."""
    warned = context.warned.get(source_id, frozenset())
    for reason in [each for each in admitted.broken if each not in warned][:MAX_REASONS]:
        source_log.warning("entry not read", error=reason)
    if admitted.broken:
        context.warned[source_id] = frozenset(admitted.broken)
    counts = {"new": len(admitted.new), "edited": len(admitted.edited), "gone": len(admitted.gone)}
    log_at_level = source_log.info if any(counts.values()) else source_log.debug
    log_at_level("polled", broken=len(admitted.broken), **counts)


def sentence(error: Exception) -> str:
    """Return the error in one printable line of bounded length."""
    return _printable(str(error) or type(error).__name__)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:MAX_SENTENCE]
