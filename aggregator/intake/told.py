"""What a stream has told comes in: each source's page in a transaction of its own, then the stream's cursor.

A crash in between loses nothing: the cursor is older than what is stored, and a post that comes again changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from msgspec import structs
from sqlalchemy import case, literal, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.intake.admit import AdmitResult, admit
from aggregator.intake.context import PollContext, origin_of, with_retries
from aggregator.items.ids import author_id, post_id
from aggregator.items.tables import StoredPost
from aggregator.sources.tables import Sighting, Source, Stream
from aggregator.store.lease import shielded
from aggregator.store.sql import chunks
from aggregator.timestamps import UtcDateTime
from aggregator.walls.tables import Wall
from connectors.contract import Page, Person, Told

Sources = Mapping[int, Source]
"""The sources of a stream by their ids, as they were when the stream began to serve them."""


class _Ended(NamedTuple):
    """Keys of a source's posts that have ended, or that its server no longer shows."""

    gone: set[str]
    missing: set[str]


async def store_told(context: PollContext, key: str, sources: Sources, told: Told) -> dict[int, AdmitResult]:
    """Store what one stream told of a moment, and then its cursor; returns the results by source. Raises Outage."""
    ended = await _ended(context, sources, told)
    results: dict[int, AdmitResult] = {}
    for id_ in sorted((told.pages.keys() & sources.keys()) | ended.keys()):
        page, source = told.pages.get(id_, Page()), sources[id_]
        if id_ in ended:
            page = structs.replace(page, gone=tuple(ended[id_].gone), missing=tuple(ended[id_].missing))
        result = await shielded(with_retries(context, source, partial(_store, context, source, page)))
        if result is not None:
            results[id_] = result
    for id_, authors in (await _known_authors(context, sources, told.authors)).items():
        before = results.get(id_, AdmitResult())
        results[id_] = before._replace(authors_to_check=(*before.authors_to_check, *authors))
    if told.cursor:
        await shielded(keep_cursor(context, key, told.cursor))
    return results


async def _store(context: PollContext, source: Source, page: Page) -> AdmitResult | None:
    """Admit a page without touching the cursor of polls; None if the source has ended, is paused or was removed."""
    async with context.store.write() as db:
        current = (await db.exec(select(Source).where(Source.id == source.id).with_for_update())).first()
        if current is None or not current.is_polled or current.created_at != source.created_at:
            return None
        at = context.clock()
        wall = await db.get_one(Wall, current.wall_id)
        admitted = await admit(db, current, wall, page, at, is_origin=origin_of(context, current), heard=True)
        current.succeeded_at = at
        current.posted_at = at if admitted.new else current.posted_at
        current.posts += len(admitted.new)
        return admitted


async def keep_cursor(context: PollContext, key: str, cursor: str) -> None:
    async with context.store.write() as db:
        await db.exec(update(Stream).where(col(Stream.key) == key).values(cursor=cursor))


# --- what has ended ---------------------------------------------------------------------------------------------


async def _ended(context: PollContext, sources: Sources, told: Told) -> dict[int, _Ended]:
    """Find out which of these sources have seen the posts that have ended. Most posts of a network no wall has seen."""
    found: defaultdict[int, _Ended] = defaultdict(lambda: _Ended(set(), set()))
    if not (told.gone or told.deleted):
        return found
    network = next(iter(sources.values())).network
    async with context.store.read() as db:
        for sighting in await _by_key(db, sources, network, told.gone):
            found[sighting.source_id].gone.add(sighting.key)
        for sighting in await _by_ref(db, sources, told.deleted):
            is_origin = origin_of(context, sources[sighting.source_id])(sighting.key)
            ended = found[sighting.source_id]
            (ended.gone if is_origin else ended.missing).add(sighting.key)
    return found


async def _by_key(db: AsyncSession, sources: Sources, network: str, keys: Iterable[str]) -> list[Sighting]:
    found: list[Sighting] = []
    for chunk in chunks([post_id(network, key) for key in keys]):
        query = select(Sighting).join(StoredPost).where(col(StoredPost.id).in_(chunk))
        found += await db.exec(query.where(col(Sighting.source_id).in_(sources)))
    return found


async def _by_ref(db: AsyncSession, sources: Sources, refs: Collection[str]) -> list[Sighting]:
    found: list[Sighting] = []
    for chunk in chunks(sorted(refs)):
        query = select(Sighting).where(col(Sighting.source_id).in_(sources), col(Sighting.ref).in_(chunk))
        found += await db.exec(query)
    return found


async def _known_authors(
    context: PollContext, sources: Sources, authors: Collection[Person]
) -> dict[int, tuple[Person, ...]]:
    """Of people whose accounts have ended, those whose posts a source has seen."""
    found: defaultdict[int, tuple[Person, ...]] = defaultdict(tuple)
    if not authors:
        return found
    network = next(iter(sources.values())).network
    by_id = {author_id(network, author): author for author in authors}
    async with context.store.read() as db:
        for chunk in chunks(sorted(by_id)):
            query = select(Sighting.source_id, StoredPost.author).join(StoredPost).distinct()
            seen = query.where(col(StoredPost.author).in_(chunk), col(Sighting.source_id).in_(sources))
            for source_id, author in await db.exec(seen):
                found[source_id] += (by_id[author],)
    return found


# --- who listens ------------------------------------------------------------------------------------------------


async def begin(context: PollContext, key: str, source_ids: Collection[int]) -> None:
    """Note that a stream serves these sources from now on, and have each polled at once for what it has missed."""
    at = context.clock()
    states = {"stream": key, "listening_since": at, "not_listening": "", "next_poll_at": at}
    await _write(context, source_ids, states)


async def fall_back(context: PollContext, source_ids: Collection[int], why: str) -> None:
    """Note that these sources are only polled from now on, and why; those that were listened to are due at once."""
    listened = col(Source.listening_since).is_not(None)
    due = case((listened, literal(context.clock(), UtcDateTime)), else_=col(Source.next_poll_at))
    await _write(context, source_ids, {"listening_since": None, "not_listening": why, "next_poll_at": due})


async def poll_soon(context: PollContext, source_ids: Collection[int]) -> None:
    """Have these sources polled at once: who listened to them may have been killed."""
    await _write(context, source_ids, {"next_poll_at": context.clock()})


async def _write(context: PollContext, source_ids: Collection[int], states: Mapping[str, object]) -> None:
    if not source_ids:
        return
    async with context.store.write() as db:
        for chunk in chunks(sorted(source_ids)):
            here = update(Source).where(col(Source.id).in_(chunk), col(Source.ended_at).is_(None))
            await db.exec(here.values(**states))
