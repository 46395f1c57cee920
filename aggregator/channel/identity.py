"""Which store this is: the file or the server that it lies in, noted in the store itself.

A store that lies elsewhere than it has noted is a copy, or a backup that was restored. The numbers of its channels have
perhaps been given to other records since it was copied, so all of them get new epochs, and every reader begins again.

A file that was put back may have the very inode that it had. So a SQLite database has a marker beside it, a file that
is made anew now and then: no copy of the marker has its moment, and no older database has noted that.
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

RENEWAL = 60.0
"""Seconds of a marker: a database that was copied earlier, and is put back over this one, is known for what it is."""
WORDS = (
    "Made by Backchannel, beside its database, to tell that from a copy. It may be deleted: readers then begin again.\n"
)

MAY_ASK_FOR_CONTROL_DATA = text(
    "SELECT has_function_privilege('pg_control_system()', 'execute')"
    " AND has_function_privilege('pg_control_checkpoint()', 'execute')"
)
CLUSTER = text(
    "SELECT system_identifier || ' ' || timeline_id FROM pg_control_system() CROSS JOIN pg_control_checkpoint()"
)
"""A cluster, and its history: a standby that was promoted, or a restore to a moment, begins another timeline."""
DATABASE = text("SELECT oid || ' ' || 'channel'::regclass::oid FROM pg_database WHERE datname = current_database()")
"""A dump that is restored makes the table anew, also where its database stays."""

log = structlog.get_logger()


class StoreIdentity(SQLModel, table=True):
    """One row: where this store was when its epochs were last known to be its own."""

    __tablename__ = "store_identity"

    location: str = Field(primary_key=True, sa_type=Text)


async def settle_identity(store: Store) -> int:
    """Give all channels of a store that is a copy new epochs, and note where it lies; returns how many there are.

    Where it lies where it did, it is only looked at. A reset too many costs each reader a snapshot; one that is missing
    leaves on its page what was hidden meanwhile. So whatever may be another store counts as one. Raises OSError.
    """
    async with store.read() as db:
        if await _is_noted(store, db):
            return 0
    async with store.write() as db:
        if await _is_noted(store, db):  # another process was quicker
            return 0
        before = (await db.exec(select(StoreIdentity.location))).all()
        await _note(store, db)
        renewed = await renew_channels(db)
    if before:
        log.info("the database is a copy or a restored backup: all channels have new epochs", channels=renewed)
    return renewed


async def keep_identity(store: Store, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Renew the marker of a store at work until cancelled, and then once more: no earlier copy has noted that one."""
    if store.database.file is None:
        return
    try:
        while True:
            await _renew(store)
            await sleep(RENEWAL)
    finally:
        await _renew(store)


async def _renew(store: Store) -> None:
    try:
        async with store.write() as db:
            await _note(store, db)
    except (OSError, Outage) as trouble:
        log.warning("the marker beside the database could not be renewed", reason=str(trouble))


async def _is_noted(store: Store, db: AsyncSession) -> bool:
    return (await db.exec(select(StoreIdentity.location))).all() == [await _location(store, db)]


async def _note(store: Store, db: AsyncSession) -> None:
    """Inside the transaction, so that of two processes the later one has both the marker and the note."""
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


# --- a file, and its marker -------------------------------------------------------------------------------------


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
            opened.write(WORDS)
        draft.replace(_marker(file))
    finally:
        draft.unlink(missing_ok=True)


def _marker(file: Path) -> Path:
    return file.with_name(f"{file.name}.marker")
