"""Writing a backup: a snapshot of the database, then the pictures that it names."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import msgspec

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.backup import ABOUT, DATABASE, SECRETS, SIZES, About, BackupError, member
from aggregator.media.blob_store import BlobStore
from aggregator.migrations import SchemaState, schema_state_of
from aggregator.store.disk import MEGABYTE
from aggregator.store.errors import Outage, outages
from aggregator.store.store import Store
from aggregator.store.url import Database
from aggregator.timestamps import now

LOCK_TIMEOUT = 30.0
"""Seconds to wait for a process that keeps the whole database locked."""
OWNER_ONLY = 0o600
NOTHING = "Nothing to back up: the database {} is empty."


async def write_backup(store: Store, blobs: BlobStore, target: Path, by: Actor, secrets: Path | None = None) -> About:
    """Write the database and its pictures into the new file `target`, with the file `secrets` if given.

    The server keeps running; its later writes are not in the backup. The file is complete before it gets its name.
    Raises BackupError, Outage, SchemaMismatch, OSError.
    """
    file = _file(store.database)
    await asyncio.to_thread(_must_be_possible, file, target)
    schema = await schema_state_of(store)
    if schema == SchemaState.EMPTY:
        raise BackupError(NOTHING.format(file))
    about = await asyncio.to_thread(_write, store.database, blobs, target, secrets)
    if schema == SchemaState.CURRENT:
        with suppress(Outage):  # a full disk keeps nobody from making a backup on another one
            async with store.write() as db:
                await record(db, by, Action.BACKUP, [Change(None, SubjectKind.STORE, "", after=target.name)])
    return about


def _file(database: Database) -> Path:
    if database.file is None:
        raise BackupError(
            "Not a SQLite database: back up PostgreSQL with pg_dump, and copy the folder “media” (docs/backup.md)."
        )
    return database.file


def _must_be_possible(file: Path, target: Path) -> None:
    if target.exists():
        raise BackupError(f"File exists: choose another name than “{target}”, or move that file away.")
    if not target.absolute().parent.is_dir():
        raise BackupError(f"No such folder: “{target.parent}”.")
    if not file.exists():  # connecting would create the file
        raise BackupError(NOTHING.format(file))


def _write(database: Database, blobs: BlobStore, target: Path, secrets: Path | None) -> About:
    with TemporaryDirectory(dir=target.absolute().parent, prefix=f".{target.name}.") as folder:
        copy, archive = Path(folder, DATABASE), Path(folder, "backup.tar")
        _check_free_space(_file(database), copy)
        with outages(database):
            _copy(_file(database), copy)
        with closing(sqlite3.connect(copy)) as db:
            about, pictures = _about(db, blobs, has_secrets=secrets is not None)
        with archive.open("xb") as opened:
            with tarfile.open(fileobj=opened, mode="w", format=tarfile.PAX_FORMAT) as tar:
                _pack(tar, about, copy, secrets)
                _pack_pictures(tar, about, blobs, pictures)
            opened.flush()
            os.fsync(opened.fileno())
        archive.chmod(OWNER_ONLY)
        archive.rename(target)
    return about


def _check_free_space(file: Path, copy: Path) -> None:
    """Raise BackupError where the copy does not fit twice beside the target: as a file, and in the tar file."""
    needed, free = 2 * file.stat().st_size, shutil.disk_usage(copy.parent).free
    if free < needed:
        problem = f"Not enough disk space: “{copy.parent.parent}” has {free // MEGABYTE} MB free, and the backup needs"
        raise BackupError(f"{problem} {needed // MEGABYTE} MB plus its pictures. Free some, or use another disk.")


def _copy(file: Path, copy: Path) -> None:
    """Write a vacuumed snapshot: free pages, which may still hold deleted data, are left out."""
    with closing(sqlite3.connect(file, timeout=LOCK_TIMEOUT, isolation_level=None)) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as db:
        sound = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if sound != "ok":
            raise BackupError(f"Database is corrupt: restore {file} from an older backup.")
        if _has(db, "table", "store_identity"):
            with db:
                db.execute("DELETE FROM store_identity")  # a restored copy is another store


def _about(db: sqlite3.Connection, blobs: BlobStore, *, has_secrets: bool) -> tuple[About, Sequence[str]]:
    """Describe the copy, using only names that every version of the schema has."""
    logos = " UNION SELECT file FROM logo" if _has(db, "table", "logo") else ""
    files = [file for (file,) in db.execute(f"SELECT file FROM picture WHERE file <> ''{logos} ORDER BY file")]  # noqa: S608
    pictures = [file for file in files if all(blobs.find(file, size) for size in SIZES)]
    sealed = "SELECT count(*) FROM source WHERE credentials <> ''"
    about = About(
        made_at=now(),
        walls=db.execute("SELECT count(*) FROM wall").fetchone()[0],
        posts=db.execute("SELECT count(*) FROM post WHERE body IS NOT NULL").fetchone()[0],
        pictures=len(pictures),
        sealed=db.execute(sealed).fetchone()[0] if _has_column(db, "source", "credentials") else 0,
        has_secrets=has_secrets,
    )
    return about, pictures


def _has(db: sqlite3.Connection, kind: str, name: str) -> bool:
    return bool(db.execute("SELECT 1 FROM sqlite_schema WHERE type = ? AND name = ?", (kind, name)).fetchone())


def _has_column(db: sqlite3.Connection, table: str, column: str) -> bool:
    return bool(db.execute("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", (table, column)).fetchone())


def _pack(tar: tarfile.TarFile, about: About, copy: Path, secrets: Path | None) -> None:
    _add(tar, ABOUT, io.BytesIO(msgspec.json.format(msgspec.json.encode(about)) + b"\n"), about)
    with copy.open("rb") as database:
        _add(tar, DATABASE, database, about)
    if secrets is not None:
        _add(tar, SECRETS, io.BytesIO(secrets.read_bytes()), about)


def _pack_pictures(tar: tarfile.TarFile, about: About, blobs: BlobStore, pictures: Sequence[str]) -> None:
    for file in pictures:
        contents = [path.read_bytes() for size in SIZES if (path := blobs.find(file, size))]
        if len(contents) == len(SIZES):  # else its post has just been withdrawn
            for size, content in zip(SIZES, contents, strict=True):
                _add(tar, member(file, size), io.BytesIO(content), about)


def _add(tar: tarfile.TarFile, name: str, content: BinaryIO, about: About) -> None:
    """Add an entry without the names of this machine's users."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = content.seek(0, os.SEEK_END), OWNER_ONLY
    entry.mtime = int(about.made_at.timestamp())
    content.seek(0)
    tar.addfile(entry, content)
