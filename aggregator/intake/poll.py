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

from aggregator.intake.admit import Admitted, admit
from aggregator.intake.context import Kit, ask, at_last, finish, least, load, most, origin_of
from aggregator.intake.intervals import adapt, back_off, bounded, pause
from aggregator.logs import about_source
from aggregator.sources.tables import Source
from aggregator.store.errors import Outage
from aggregator.walls.announcing import announce_health
from aggregator.walls.following import end
from aggregator.walls.tables import Wall
from connectors.contract import Page
from connectors.errors import Missing, Throttled, Trouble

LONGEST_SENTENCE = 500
REASONS = 3
"""Unreadable entries of a page that are told of, each with its reason."""
PAGES_IN_A_ROW = 20
"""Pages that a source is given one after the other; a server that always promises one more then waits its turn."""

log = structlog.get_logger()


class Polled(NamedTuple):
    """What came of a poll. `more` says that the next page is waiting; `doubted` are refs to look at again at once.

    `is_missing` says that there is nothing at the source's address any more.
    """

    admitted: Admitted = Admitted()
    more: bool = False
    trouble: str = ""
    doubted: tuple[str, ...] = ()
    is_missing: bool = False

    def then(self, later: Polled) -> Polled:
        """What came of both."""
        ours, theirs = self.admitted, later.admitted
        admitted = Admitted(
            new=ours.new | theirs.new,
            edited=ours.edited | theirs.edited,
            gone=ours.gone | theirs.gone,
            broken=ours.broken + theirs.broken,
            lost=ours.lost + theirs.lost,
            renamed=ours.renamed + theirs.renamed,
        )
        trouble, doubted = later.trouble or self.trouble, self.doubted + later.doubted
        return later._replace(admitted=admitted, trouble=trouble, doubted=doubted)


async def to_last_page(poll: Callable[[], Awaitable[Polled | None]]) -> Polled | None:
    """Poll until no page is waiting, as long as that is fair; returns what came of them all. None as `poll_source`."""
    total = last = await poll()
    for _ in range(PAGES_IN_A_ROW - 1):
        if total is None or last is None or not last.more:
            break
        last = await poll()
        total = total if last is None else total.then(last)
    return total


@about_source
async def poll_source(kit: Kit, source_id: int, *, rest: bool = False) -> Polled | None:
    """Ask a source's network what is new and take it in. None if it has ended, or another poller was faster.

    `rest` says that it has had many pages in a row, so that it waits for the next like any other.
    """
    source = await load(kit, source_id)
    if source is None or source.ended_at is not None:
        return None
    told = log.bind(source=source.id, network=source.network, address=source.value)
    try:
        page = await ask(kit, source, lambda connector, address: connector.poll(kit.http, address, source.cursor))
        page = structs.replace(page, more=_continues(source, page) and not rest)
        admitted = await finish(_take_in(kit, source, page))
    except Trouble as trouble:
        if isinstance(trouble, Missing) and trouble.gone:
            await finish(_end(kit, source, trouble))
            told.warning("source has ended", trouble=str(trouble))
        else:
            seconds = await finish(put_off(kit, source, trouble))
            told.warning("poll failed", trouble=str(trouble), again_in=seconds)
        return Polled(trouble=str(trouble), is_missing=isinstance(trouble, Missing))
    if admitted is None:
        told.info("poll discarded", why="another poller was faster, or the source is no longer followed")
        return None
    _tell(kit, source_id, told, admitted)
    return Polled(admitted, more=page.more, doubted=page.doubted)


async def _take_in(kit: Kit, source: Source, page: Page) -> Admitted | None:
    """Raises Trouble if the store will not have it: then the cursor stays, and the page is asked for again."""
    try:
        return await at_last(kit, source, lambda: _store(kit, source, page))
    except Outage as outage:
        raise Trouble(f"{outage} What came will be asked for again.") from outage
    except Exception as error:
        log.exception("page not stored", source=source.id, network=source.network)
        raise Trouble("What came could not be stored, and will be asked for again: the log has the reason.") from error


async def _store(kit: Kit, source: Source, page: Page) -> Admitted | None:
    """The one transaction: posts, items, records, cursor and health, all or nothing."""
    async with kit.store.write() as session:
        current = await claim(session, source)
        if current is None:
            return None
        at = kit.clock()
        wall = await session.get_one(Wall, current.wall_id)
        admitted = await admit(session, current, wall, page, at, is_origin=origin_of(kit, current))
        current.interval = adapt(current.interval, len(admitted.new), least(kit, current), most(kit, current))
        if current.next_poll_at == source.next_poll_at:  # else someone asked meanwhile for a poll at once
            current.next_poll_at = at + timedelta(seconds=_pause(kit, current, page))
        failures = current.failures
        _succeed(current, page, admitted, at)
        await announce_health(session, current, failures)
        return admitted


async def claim(session: AsyncSession, source: Source) -> Source | None:
    """The source as it is now, locked; None if it is gone, has ended or begun again, or has moved on meanwhile.

    Gone it is also where a newer source has its number: SQLite gives numbers again.
    """
    query = select(Source).where(Source.id == source.id).with_for_update()
    current = (await session.exec(query)).first()
    if current is None or current.created_at != source.created_at:
        return None
    if (current.cursor, current.ended_at) != (source.cursor, source.ended_at):
        return None
    return current


async def put_off(kit: Kit, source: Source, trouble: Trouble) -> float:
    """Store why it failed and wait before trying again; returns for how long, in seconds.

    What has ended keeps the sentence that says why.
    """
    async with kit.store.write() as session:
        current = await claim(session, source)
        if current is None or current.next_poll_at != source.next_poll_at:  # someone asked meanwhile for a poll at once
            return 0.0
        current.failures += 1
        if current.ended_at is None:
            current.trouble = _sentence(trouble)
        current.polled_at = kit.clock()
        if isinstance(trouble, Throttled):
            seconds = bounded(trouble.wait, least(kit, current))
        else:
            seconds = back_off(current.failures, least(kit, current), kit.random)
        current.next_poll_at = current.polled_at + timedelta(seconds=seconds)
        await announce_health(session, current, current.failures - 1)
        return seconds


async def _end(kit: Kit, source: Source, trouble: Trouble) -> None:
    """It was there and will not come back, says its network: to go on asking would be rude."""
    async with kit.store.write() as session:
        current = await claim(session, source)
        if current is not None:
            current.polled_at, current.failures = kit.clock(), current.failures + 1
            await end(session, current, _sentence(trouble))


def _continues(source: Source, page: Page) -> bool:
    """A page that promises another must have moved on; one that does not would be asked for without end."""
    return page.more and page.cursor != source.cursor


def _pause(kit: Kit, source: Source, page: Page) -> float:
    if page.more:
        return 0.0
    return pause(source.interval, page.wait, least(kit, source), kit.random)


def _succeed(source: Source, page: Page, admitted: Admitted, at: datetime) -> None:
    source.cursor = page.cursor
    source.polled_at = source.succeeded_at = at
    source.posted_at = at if admitted.new else source.posted_at
    source.posts += len(admitted.new)
    if page.posts or admitted.broken:  # a page that has nothing to say is no news about broken entries either
        source.broken = len(admitted.broken)
        source.unread = "\n".join(map(_printable, dict.fromkeys(admitted.broken[:REASONS])))
    source.failures = 0
    source.trouble = ""


def _tell(kit: Kit, source_id: int, told: structlog.stdlib.BoundLogger, admitted: Admitted) -> None:
    """An entry that stays broken is worth a warning the first time, not at each poll that finds it there."""
    heard = kit.warned.get(source_id, frozenset())
    for sentence in [each for each in admitted.broken if each not in heard][:REASONS]:
        told.warning("entry not read", trouble=sentence)
    if admitted.broken:
        kit.warned[source_id] = frozenset(admitted.broken)
    counts = {"new": len(admitted.new), "edited": len(admitted.edited), "gone": len(admitted.gone)}
    tell = told.info if any(counts.values()) else told.debug
    tell("polled", broken=len(admitted.broken), **counts)


def _sentence(trouble: Trouble) -> str:
    return _printable(str(trouble) or type(trouble).__name__)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:LONGEST_SENTENCE]
