"""The identity of a store: its file or server, recorded in the store itself.

A store whose location differs from the recorded one is a copy or a restored backup. Since it was copied, its seqs may
have been given to other records, so all channels get new epochs, and every reader starts again from a snapshot.

A restored file may have the inode that it had before. A SQLite database therefore has a marker file beside it, which is
replaced regularly: a copied marker has another ctime, and an older database has recorded an older one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

import structlog
from sqlalchemy import Text, text
from sqlmodel import Field, SQLModel, delete, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.publish import renew_channels
from aggregator.store.errors import Outage
from aggregator.store.store import Store

RENEWAL_INTERVAL = 60.0
"""Seconds between two markers. A database copied longer ago than this is recognised as a copy when it is put back."""
MARKER_TEXT = (
    "Written by Backchannel to recognise copies of its database. You may delete it: open pages then reload posts.\n"
)

MAY_ASK_FOR_CONTROL_DATA = text(
    "SELECT has_function_privilege('pg_control_system()', 'execute')"
    " AND has_function_privilege('pg_control_checkpoint()', 'execute')"
)
CLUSTER = text(
    "SELECT system_identifier || ' ' || timeline_id FROM pg_control_system() CROSS JOIN pg_control_checkpoint()"
)
"""A cluster and its timeline: promoting a standby and point-in-time recovery each begin a new timeline."""
DATABASE = text("SELECT oid || ' ' || 'channel'::regclass::oid FROM pg_database WHERE datname = current_database()")
"""A database and the table `channel`, which is created again when a dump is restored into the same database."""

log = structlog.get_logger()


class StoreIdentity(SQLModel, table=True):
    """One row: the location of this store when its epochs were last known to be valid."""

    __tablename__ = "store_identity"

    location: str = Field(primary_key=True, sa_type=Text)


async def settle_identity(store: Store) -> int:
    """Give all channels of a copied store new epochs, and record its location; returns the number of channels.

    A store at its recorded location is only read. In doubt a store counts as a copy: a needless reset costs each reader
    a snapshot, but a missing one would leave hidden posts on open pages. Raises OSError.
    """
    async with store.read() as db:
        if await _is_recorded(store, db):
            return 0
    async with store.write() as db:
        if await _is_recorded(store, db):  # another process was faster
            return 0
        before = (await db.exec(select(StoreIdentity.location))).all()
        await _record(store, db)
        renewed = await renew_channels(db)
    if before:
        log.info("restored or copied database detected, epochs renewed", channels=renewed)
    return renewed


async def keep_identity(store: Store, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Renew the marker of a running store until cancelled, and once more at the end, to expose earlier copies."""
    if store.database.file is None:
        return
    try:
        while True:
            await _renew(store)
            await sleep(RENEWAL_INTERVAL)
    finally:
        await _renew(store)


async def _renew(store: Store) -> None:
    try:
        async with store.write() as db:
            await _record(store, db)
    except (OSError, Outage) as error:
        log.warning("database marker not renewed", reason=str(error))


async def _is_recorded(store: Store, db: AsyncSession) -> bool:
    return (await db.exec(select(StoreIdentity.location))).all() == [await _location(store, db)]


async def _record(store: Store, db: AsyncSession) -> None:
    """Replace marker and location in one transaction, so that of two processes the later one wins both."""
    if store.database.file is not None:
        _make_marker(store.database.file)
    await db.exec(delete(StoreIdentity))
    await db.exec(insert(StoreIdentity).values(location=await _location(store, db)))


async def _location(store: Store, db: AsyncSession) -> str:
    if store.database.file is not None:
        return _location_of(store.database.file)
    connection = await db.connection()
    database = (await connection.execute(DATABASE)).scalar_one()
    if (await connection.execute(MAY_ASK_FOR_CONTROL_DATA)).scalar_one():
        return f"postgresql {(await connection.execute(CLUSTER)).scalar_one()} {database}"
    return f"postgresql {database}"


# --- the file and its marker ------------------------------------------------------------------------------------


def _location_of(file: Path) -> str:
    found, words = file.stat(), ["sqlite"]
    words += [str(found.st_dev), str(found.st_ino)]
    with suppress(FileNotFoundError):
        marker = _marker(file).stat()
        words += [str(marker.st_ino), str(marker.st_ctime_ns)]  # no program can set a ctime
    return " ".join(words)


def _make_marker(file: Path) -> None:
    handle, name = mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(MARKER_TEXT)
        draft.replace(_marker(file))
    finally:
        draft.unlink(missing_ok=True)


def _marker(file: Path) -> Path:
    return file.with_name(f"{file.name}.marker")
