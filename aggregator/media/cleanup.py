"""Deleting pictures that no post shows any more, rows and files.

The order of the steps is safe while other processes request, fetch and store pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from itertools import islice

from sqlalchemy import ColumnElement, delete, exists, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.media.blob_store import BlobStore
from aggregator.media.tables import Logo, PictureUse, StoredPicture
from aggregator.store.lease import shielded
from aggregator.store.sql import chunks
from aggregator.store.store import Store

CHUNK = 500
"""Pictures in one transaction, so that other writers don't wait for long."""
ORPHAN_AGE = 3600.0
"""Seconds after which a file without a row counts as an orphan, and not as one whose row is about to be written."""


async def delete_unused(store: Store, blobs: BlobStore) -> int:
    """Delete the pictures that no post shows; returns their number."""
    deleted = 0
    async with store.read() as db:
        unused = list(await db.exec(select(StoredPicture.id).where(_unused())))
    for chunk in chunks(unused, CHUNK):
        deleted += await shielded(_delete_chunk(store, blobs, chunk))
    return deleted


async def delete_orphans(store: Store, blobs: BlobStore, age: float = ORPHAN_AGE) -> None:
    """Delete old files without a row, which a crash between writing the file and its row leaves."""
    orphans = blobs.orphans(age)
    while files := await asyncio.to_thread(lambda: list(islice(orphans, CHUNK))):
        await _discard(store, blobs, files)


async def lock_blobs(db: AsyncSession) -> None:
    """Keep other transactions from naming or discarding files until this one ends.

    On SQLite a writing transaction is exclusive from its beginning, which is when its connection is requested.
    """
    connection = await db.connection()
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('backchannel blobs'))"))


async def _delete_chunk(store: Store, blobs: BlobStore, ids: Sequence[str]) -> int:
    """Delete these rows if still unused, then their files: cut off between the two, it would leave orphans."""
    async with store.write() as db:
        gone, files = await _delete_rows(db, ids)
    await _discard(store, blobs, files)
    return gone


async def _delete_rows(db: AsyncSession, ids: Collection[str]) -> tuple[int, list[str]]:
    """Lock the rows, then delete those still unused: a new post may have begun to show a picture meanwhile."""
    rows = select(StoredPicture.id, StoredPicture.file).where(col(StoredPicture.id).in_(ids))
    locked = dict(list(await db.exec(rows.with_for_update(skip_locked=True))))
    statement = delete(StoredPicture).where(col(StoredPicture.id).in_(locked), _unused())
    gone = list(await db.exec(statement.returning(col(StoredPicture.id))))
    return len(gone), [locked[id_] for (id_,) in gone if locked[id_]]


async def _discard(store: Store, blobs: BlobStore, files: Sequence[str]) -> None:
    """Discard the files that no row names: two URLs may lead to the same picture, and a logo may be one of them."""
    if not files:
        return
    async with store.write() as db:
        await lock_blobs(db)
        named = set(await db.exec(select(StoredPicture.file).where(col(StoredPicture.file).in_(files))))
        named |= set(await db.exec(select(Logo.file).where(col(Logo.file).in_(files))))
        for file in set(files) - named:
            await asyncio.to_thread(blobs.discard, file)


def _unused() -> ColumnElement[bool]:
    return ~exists().where(col(PictureUse.picture_id) == col(StoredPicture.id))
