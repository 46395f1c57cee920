"""Changing a followed source: pause, resume, its own mode, options, credentials; inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import record
from aggregator.sources.credentials import Vault, options_of, settle
from aggregator.sources.errors import SourceError
from aggregator.sources.lookup import find_source
from aggregator.sources.tables import Source
from aggregator.timestamps import now
from aggregator.walls.announcing import announce
from aggregator.walls.following import source_change
from aggregator.walls.tables import Mode, Wall
from connectors.contract import Address, Connector


async def pause(db: AsyncSession, source_id: int, by: Actor) -> Source:
    """Ask a source for nothing new until it is resumed; its posts stay. Raises SourceError, also if it has ended."""
    source = await find_source(db, source_id, lock=True)
    if source.ended_at is not None:
        raise SourceError(f"Source {source_id} has ended and brings nothing more. {source.trouble}")
    if source.paused_at is None:
        source.paused_at = now()
        await _changed(db, source)
        await record(db, by, Action.PAUSE, [source_change(source, "polled", "paused")])
    return source


async def resume(db: AsyncSession, source_id: int, by: Actor) -> Source:
    """Go on with a paused source where it left off, at once. Raises SourceError."""
    source = await find_source(db, source_id, lock=True)
    if source.paused_at is not None:
        source.paused_at, source.next_poll_at = None, now()
        await _changed(db, source)
        await record(db, by, Action.RESUME, [source_change(source, "paused", "polled")])
    return source


async def set_source_mode(db: AsyncSession, source_id: int, mode: Mode | None, by: Actor) -> Source:
    """Judge what a source brings from now on by a mode of its own, where that is stricter than its wall's.

    None ends that. Raises SourceError.
    """
    source = await find_source(db, source_id, lock=True)
    if source.mode != mode:
        change = source_change(source, source.mode or "", mode or "")
        source.mode = None if mode is None else mode.value
        db.add(source)
        await record(db, by, Action.CHANGE, [change])
    return source


async def change_source(
    db: AsyncSession, vault: Vault, source_id: int, connector: Connector, address: Address, *, by: Actor, forget: bool
) -> Source:
    """Give a source the options of this address, and its credentials if it has any; it is polled soon.

    Without credentials those of the source stay, unless `forget`. The audit trail says that they have changed, and not
    to what. Raises SourceError and CredentialsError.
    """
    source = await find_source(db, source_id, lock=True)
    before, had = options_of(source, connector), source.credentials
    if address.credentials or forget:
        source.credentials = vault.encrypt(source, {} if forget else address.credentials)
    else:
        settle(vault, source, connector)  # what older versions kept among the options
        had = source.credentials
    source.options = dict(address.options)
    if source.ended_at is None:
        source.next_poll_at = now()
    db.add(source)
    after = dict(address.options)
    if source.credentials != had:
        after["credentials"] = "changed" if source.credentials else "removed"
    if after != before:
        await record(db, by, Action.CHANGE, [source_change(source, _json(before), _json(after))])
    return source


async def _changed(db: AsyncSession, source: Source) -> None:
    db.add(source)
    await db.flush()
    await announce(db, await db.get_one(Wall, source.wall_id))


def _json(settings: Mapping[str, Any]) -> str:
    return msgspec.json.encode(settings).decode()
