"""Restoring a backup: everything is read and checked beside the store first, then moved into place by renaming."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from aggregator.accounts.administration import end_everything
from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.backup import ABOUT, DATABASE, FORMAT, SECRETS, SIZES, About, BackupError
from aggregator.media.blob_store import BlobStore
from aggregator.migrations import SchemaState, schema_state_of
from aggregator.sources.secret_key import add_secrets, read_secrets
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from aggregator.store.url import Database, sqlite_url
from aggregator.timestamps import now

PICTURE = re.compile(r"media/([0-9a-f]{40})/([sl])\.webp", re.ASCII)
MAX_ABOUT_BYTES = 1024 * 1024
"""The largest `about.json`, in bytes."""
INCOMPLETE = "Invalid backup: “{}” is not a Backchannel backup, or is incomplete."
END = bytes(2 * tarfile.BLOCKSIZE)
"""The end of a tar file (POSIX.1-2017, pax, ustar Interchange Format)."""
SQLITE_SUFFIXES = ("", "-wal", "-shm")
"""The suffixes of the files of one SQLite database."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The restored backup, and the path of the previous database (None: there was none)."""

    about: About
    before: Path | None


def read_about(file: Path) -> About:
    """Return the description inside a backup. Raises BackupError, OSError."""
    with _tar(file) as tar:
        first = tar.next()
        found = tar.extractfile(first) if first is not None and first.name == ABOUT and first.isreg() else None
        try:
            about = msgspec.json.decode(found.read(MAX_ABOUT_BYTES) if found else b"", type=About)
        except msgspec.DecodeError:
            raise BackupError(f"Invalid backup: “{file}” is not a Backchannel backup.") from None
    if about.backchannel_backup != FORMAT:
        raise BackupError(f"Unsupported backup format: install the newer Backchannel that made “{file}” first.")
    return about


async def restore_backup(file: Path, database: Database, blobs: BlobStore, secrets: Path) -> Restored:
    """Replace the database, which is kept beside the new one, and add the backup's pictures to the blob store.

    Nothing is changed before the whole backup has been read. Its secrets, if it has any, are added to the file
    `secrets`. Raises BackupError, Outage, SchemaMismatch, OSError.
    """
    location = database.file
    if location is None:
        raise BackupError("Not a SQLite database: restore PostgreSQL with pg_restore (docs/backup.md).")
    about = await asyncio.to_thread(read_about, file)
    with TemporaryDirectory(dir=location.absolute().parent, prefix=".restore.") as name:
        folder = Path(name)
        await asyncio.to_thread(_unpack, file, folder)
        await _check(file, folder / DATABASE)
        return Restored(about, await asyncio.to_thread(_install, folder, location, blobs, secrets))


async def record_restore(store: Store, about: About, by: Actor) -> None:
    """Record the restore in the audit trail of the restored store, which has been opened, and end all sessions.

    The backup may have sessions and one-time links that were ended after it was made.
    """
    async with store.write() as db:
        await end_everything(db)
        after = about.made_at.isoformat(timespec="seconds")
        await record(db, by, Action.RESTORE, [Change(None, SubjectKind.STORE, "", after=after)])


def must_be_unused(location: Path) -> None:
    """Check that no process uses the database: any connection keeps the file from leaving WAL mode.

    The next writer turns WAL on again. A file that is not a database counts as unused. Raises BackupError.
    """
    if not location.exists():
        return
    try:
        with closing(sqlite3.connect(location, timeout=0, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            problem = f"Database is in use: stop the server and every other command that uses {location} first."
            raise BackupError(problem) from None


def _install(folder: Path, location: Path, blobs: BlobStore, secrets: Path) -> Path | None:
    """Move the unpacked files into place, the database last, because it refers to all others."""
    must_be_unused(location)
    _add_pictures(folder, blobs)
    if (found := folder / SECRETS).exists():
        add_secrets(secrets, read_secrets(found))
    before = _move_aside(location)
    (folder / DATABASE).rename(location)
    return before


@contextmanager
def _tar(file: Path) -> Iterator[tarfile.TarFile]:
    """Open a complete tar file: `tarfile` accepts one that is truncated between two entries."""
    if not file.is_file():
        raise BackupError(f"No such file: “{file}”.")
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - len(END)))
        if opened.read() != END:
            raise BackupError(INCOMPLETE.format(file))
    try:
        with tarfile.open(file, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError):
        raise BackupError(INCOMPLETE.format(file)) from None


def _unpack(file: Path, folder: Path) -> None:
    """Unpack into a flat folder, as `backchannel.db`, `secret.key`, `DIGEST.s` and `DIGEST.l`."""
    known = set[str]()
    with _tar(file) as tar:
        for entry in tar:
            if (name := _name(entry)) is None or name in known:
                raise BackupError(f"Invalid backup: “{file}” has an unexpected entry.")
            known.add(name)
            if name == ABOUT:
                continue
            content = tar.extractfile(entry)
            with Path(folder, name).open("xb") as target:
                if content is not None:
                    shutil.copyfileobj(content, target)
                os.fsync(target.fileno())
        stopped_at = tar.offset
    with file.open("rb") as opened:  # `tarfile` treats an unreadable header as the end
        opened.seek(stopped_at)
        ends = opened.read(len(END)) == END
    if not ends or DATABASE not in known:
        raise BackupError(INCOMPLETE.format(file))


def _name(entry: tarfile.TarInfo) -> str | None:
    if entry.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or entry.issparse():  # a sparse entry grows
        return None
    if found := PICTURE.fullmatch(entry.name):
        return f"{found[1]}.{found[2]}"
    return entry.name if entry.name in {ABOUT, DATABASE, SECRETS} else None


async def _check(file: Path, copy: Path) -> None:
    """Check that the database is Backchannel's, intact and not newer. Raises BackupError, SchemaMismatch."""
    damaged = f"Damaged backup: the database in “{file}” cannot be read."
    store = Store(sqlite_url(copy))
    try:
        if await schema_state_of(store) == SchemaState.EMPTY:
            raise BackupError(damaged)
    except Outage:
        raise BackupError(damaged) from None
    finally:
        await store.close()
    with closing(sqlite3.connect(copy)) as db, suppress(sqlite3.DatabaseError):
        if db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok":
            return
    raise BackupError(damaged)


def _add_pictures(folder: Path, blobs: BlobStore) -> None:
    """Store the pictures under the digests of their content; a corrupted one gets a name that no post uses."""
    for small in sorted(folder.glob(f"*.{SIZES[0]}")):
        large = small.with_suffix(f".{SIZES[1]}")
        if large.exists():
            blobs.put(small.read_bytes(), large.read_bytes())


def _move_aside(location: Path) -> Path | None:
    if not location.exists():
        return None
    before = location.with_name(f"{location.name}.before-{now():%Y%m%dT%H%M%SZ}")
    for suffix in SQLITE_SUFFIXES:
        with suppress(FileNotFoundError):
            location.with_name(location.name + suffix).rename(before.with_name(before.name + suffix))
    return before
