"""Following a source, and following it no longer: verbs inside the caller's transaction, with their audit entries."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor, source_actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.sources.credentials import Vault, options_of, settle
from aggregator.sources.lookup import find_source, source_at
from aggregator.sources.tables import Sighting, Source
from aggregator.store.sql import inserting, stored_id
from aggregator.timestamps import now
from aggregator.walls.announcing import announce
from aggregator.walls.lock import share_wall
from aggregator.walls.tables import Wall
from connectors.contract import Address, Connector


async def follow(db: AsyncSession, wall: Wall, address: Address, by: Actor) -> Source:
    """The wall's source at this address, due at once.

    Following again changes its options and tries it now; one that had ended or is paused goes on where it was. Its
    credentials stay as they are: `aggregator.sources.credentials` owns them, and those of the address are not stored
    here.

    Raises WallError where the wall has just been removed.
    """
    source = await source_at(db, wall.id, address)
    if source is not None:  # it may be removed, or end, while we wait for it
        source = await db.get(Source, source.id, with_for_update=True, populate_existing=True)
    before = described(source) if source is not None and source.ended_at is None else ""
    if source is None:
        source = await _new_source(db, wall, address)
    elif source.ended_at is not None:
        source.ended_at, source.failures, source.trouble = None, 0, ""
    source.paused_at = None
    source.options = dict(address.options)
    source.next_poll_at = now()
    db.add(source)
    await db.flush()
    await announce(db, wall)
    await record(db, by, Action.FOLLOW, [source_change(source, before, described(source))])
    return source


class Followed(NamedTuple):
    """A followed source, and what following it changed. `token` is none, given, kept, replaced or removed."""

    source: Source
    made: bool
    resumed: bool
    options: bool
    token: str


async def follow_with_credentials(
    db: AsyncSession, vault: Vault, wall: Wall, address: Address, connector: Connector, *, by: Actor, forget: bool
) -> Followed:
    """Follow an address with its credentials, if it has any; else those of the source stay, unless `forget`.

    Raises WallError where the wall has just been removed, and CredentialsError.
    """
    before = await source_at(db, wall.id, address)
    made, resumed, changed, had = before is None, False, False, ""
    if before is not None:
        resumed, changed = not before.is_polled, options_of(before, connector) != address.options
        if not address.credentials:
            settle(vault, before, connector)  # what older versions kept among the options
        had = before.credentials
    source = await follow(db, wall, address, by)
    if address.credentials:
        source.credentials, token = vault.encrypt(source, address.credentials), "replaced" if had else "given"
    elif forget:
        source.credentials, token = "", "removed" if had else "none"
    else:
        source.credentials, token = had, "kept" if had else "none"
    db.add(source)
    await db.flush()
    return Followed(source, made, resumed, changed, token)


async def _new_source(db: AsyncSession, wall: Wall, address: Address) -> Source:
    """The new row, or the one that another process has just made."""
    made = Source(
        wall_id=stored_id(wall), network=address.network, kind=address.kind, value=address.value, server=address.server
    )
    await share_wall(db, wall)
    row = inserting(db, Source).values(made.model_dump(exclude={"id"}))
    await db.exec(row.on_conflict_do_nothing())
    return await source_at(db, wall.id, address) or made


async def unfollow(db: AsyncSession, source_id: int, by: Actor) -> Source:
    """Follow a source no longer. What it brought stays on the wall, and is looked after. Raises SourceError."""
    source = await find_source(db, source_id, lock=True)
    before = described(source) if source.ended_at is None else ""
    await _end(db, source)
    await record(db, by, Action.UNFOLLOW, [source_change(source, before, "")])
    return source


async def end(db: AsyncSession, source: Source, why: str = "") -> None:
    """The source has ended by itself, for this reason: nothing new is asked of it."""
    await _end(db, source, why)
    await record(db, source_actor(source.id), Action.END, [source_change(source, described(source), "")], why)


async def _end(db: AsyncSession, source: Source, why: str = "") -> None:
    """Nothing new is asked of this source; `why`, if nobody has wished it so.

    That it saw a post is remembered where its server can be asked about that post. Elsewhere it is forgotten, so that
    the next source that sees the post has the word on it.
    """
    source.ended_at, source.paused_at, source.trouble = now(), None, why
    db.add(source)
    await db.flush()
    await db.exec(delete(Sighting).where(col(Sighting.source_id) == source.id, col(Sighting.ref) == ""))
    await announce(db, await db.get_one(Wall, source.wall_id))


def described(source: Source) -> str:
    """What is followed: network, kind, address and server. No options: those of older versions may hold secrets."""
    return " ".join(filter(None, (source.network, source.kind, source.value, source.server)))


def source_change(source: Source, before: str, after: str) -> Change:
    """The entry of the audit trail that tells of a source."""
    return Change(source.wall_id, SubjectKind.SOURCE, str(source.id), before, after)
