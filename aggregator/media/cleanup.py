"""What no post shows any more is forgotten, rows and files: what was deleted is really gone.

It owns the order in which that is safe while other processes want, fetch and keep pictures; it refuses to know when
it is time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from itertools import islice

from sqlalchemy import ColumnElement, delete, exists, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.media.blob_store import BlobStore
from aggregator.media.tables import PictureUse, StoredPicture
from aggregator.store.store import Store

CHUNK = 500
"""Pictures in one transaction, so that nobody waits long for it."""
ORPHAN_AGE = 3600.0
"""Seconds until a file that no row names is surely not one that is about to be named."""


async def delete_unused(store: Store, blobs: BlobStore) -> int:
    """Forget the pictures that no post shows. Returns how many."""
    forgotten = 0
    async with store.read() as db:
        unused = list(await db.exec(select(StoredPicture.id).where(_unused())))
    for start in range(0, len(unused), CHUNK):
        async with store.write() as db:
            gone, files = await _forget(db, unused[start : start + CHUNK])
        await _discard(store, blobs, files)
        forgotten += gone
    return forgotten


async def delete_orphans(store: Store, blobs: BlobStore, age: float = ORPHAN_AGE) -> None:
    """Throw out old files that no row names: what a kill left between a file and its row."""
    strays = blobs.orphans(age)
    while files := await asyncio.to_thread(lambda: list(islice(strays, CHUNK))):
        await _discard(store, blobs, files)


async def lock_blobs(db: AsyncSession) -> None:
    """Until this transaction ends, no other may name files or discard them.

    On SQLite a transaction that writes is alone from its first statement on; taking its connection is what begins it.
    """
    connection = await db.connection()
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('backchannel shelf'))"))


async def _forget(db: AsyncSession, ids: Collection[str]) -> tuple[int, list[str]]:
    """Locked first, then looked at again: a post that has just come to show one of these keeps it."""
    rows = select(StoredPicture.id, StoredPicture.file).where(col(StoredPicture.id).in_(ids))
    locked = dict(list(await db.exec(rows.with_for_update(skip_locked=True))))
    statement = delete(StoredPicture).where(col(StoredPicture.id).in_(locked), _unused())
    gone = list(await db.exec(statement.returning(col(StoredPicture.id))))
    return len(gone), [locked[id_] for (id_,) in gone if locked[id_]]


async def _discard(store: Store, blobs: BlobStore, files: Sequence[str]) -> None:
    """Discard those of these files that no picture has: two URLs may lead to the same picture."""
    if not files:
        return
    async with store.write() as db:
        await lock_blobs(db)
        named = set(await db.exec(select(StoredPicture.file).where(col(StoredPicture.file).in_(files))))
        for file in set(files) - named:
            await asyncio.to_thread(blobs.discard, file)


def _unused() -> ColumnElement[bool]:
    return ~exists().where(col(PictureUse.picture_id) == col(StoredPicture.id))
