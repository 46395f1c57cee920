"""Looking up sources by number, by wall and by address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.sources.errors import SourceError
from aggregator.sources.tables import Sighting, Source
from aggregator.store.sql import LARGEST_ID
from connectors.contract import Address


async def find_source(db: AsyncSession, source_id: int, *, lock: bool = False) -> Source:
    """Return the source, locked if it will be changed. Raises SourceError if it is unknown or unfollowed."""
    there = 0 < source_id <= LARGEST_ID
    how: dict[str, Any] = {"with_for_update": True, "populate_existing": True} if lock else {}
    source = await db.get(Source, source_id, **how) if there else None
    if source is None or is_unfollowed(source):
        raise SourceError(f"There is no source {source_id}: `backchannel sources` lists them.")
    return source


async def list_sources(db: AsyncSession, wall_id: int | None = None, *, unfollowed: bool = False) -> Sequence[Source]:
    """Return the sources of one wall or of all, in the order in which they were followed, each with its health.

    A source that its network has ended is included, with the reason, until it is unfollowed.
    """
    query = select(Source).order_by(col(Source.wall_id), col(Source.id))
    sources = await db.exec(query if wall_id is None else query.where(Source.wall_id == wall_id))
    return [source for source in sources if unfollowed or not is_unfollowed(source)]


def is_unfollowed(source: Source) -> bool:
    """Whether a person has unfollowed the source; its network may end it, too."""
    return source.ended_at is not None and not source.trouble


async def source_at(db: AsyncSession, wall_id: int | None, address: Address) -> Source | None:
    """Return the wall's source at this address, ended or not; None if the wall has never followed it."""
    query = select(Source).where(
        Source.wall_id == wall_id,
        Source.network == address.network,
        Source.kind == address.kind,
        Source.server == address.server,
        Source.value == address.value,
    )
    return (await db.exec(query)).first()


async def without_posts(db: AsyncSession, sources: Sequence[Source]) -> set[int]:
    """Return the ids of the sources that have neither brought nor seen any post."""
    ids = {source.id for source in sources if source.id is not None and not source.posts}
    seen = exists().where(col(Sighting.source_id) == col(Source.id))
    return set(filter(None, await db.exec(select(Source.id).where(col(Source.id).in_(ids), ~seen))))
