"""Restoring a backup: everything is read and checked beside the store first, then put in its place by renaming."""

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
SMALL = 1024 * 1024
"""Bytes of what is read at once: the word about the backup, the secrets."""
NOT_WHOLE = "“{}” is not a backup of Backchannel, or not all of one."
END = bytes(2 * tarfile.BLOCKSIZE)
"""What a tar file ends with (POSIX.1-2017, pax, ustar Interchange Format)."""
BESIDES = ("", "-wal", "-shm")
"""What a SQLite database consists of."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was in the backup, and where the database lies that was there before (None: there was none)."""

    about: About
    before: Path | None


def read_about(file: Path) -> About:
    """What a backup says of itself. Raises BackupError, OSError."""
    with _tar(file) as tar:
        first = tar.next()
        found = tar.extractfile(first) if first is not None and first.name == ABOUT and first.isreg() else None
        try:
            about = msgspec.json.decode(found.read(SMALL) if found else b"", type=About)
        except msgspec.DecodeError:
            raise BackupError(f"“{file}” is not a backup of Backchannel.") from None
    if about.backchannel_backup != FORMAT:
        raise BackupError(f"“{file}” was made by a newer Backchannel: install that one first.")
    return about


async def restore_backup(file: Path, database: Database, blobs: BlobStore, secrets: Path) -> Restored:
    """Put the backup's database in the place of this one, which is kept beside it, and its pictures on the blobs.

    Nothing is changed before all has been read. The secrets of the backup, if it has any, are added to the file of
    `secrets`. Raises BackupError, Outage, UnfitSchema, OSError.
    """
    place = database.file
    if place is None:
        why = "The database is a PostgreSQL server's, which has programs of its own for this"
        raise BackupError(f"{why}: restore it with pg_restore (docs/backup.md).")
    about = await asyncio.to_thread(read_about, file)
    with TemporaryDirectory(dir=place.absolute().parent, prefix=".restore.") as name:
        folder = Path(name)
        await asyncio.to_thread(_unpack, file, folder)
        await _check(file, folder / DATABASE)
        return Restored(about, await asyncio.to_thread(_put, folder, place, blobs, secrets))


async def record_restore(store: Store, about: About, by: Actor) -> None:
    """Write into the audit trail of what was restored who has restored it. The store has been opened."""
    async with store.write() as db:
        after = about.made_at.isoformat(timespec="seconds")
        await record(db, by, Action.RESTORE, [Change(None, SubjectKind.STORE, "", after=after)])


def must_be_unused(place: Path) -> None:
    """A connection anywhere keeps the file from leaving WAL; a file that is not a database is in use nowhere.

    Whoever writes next brings WAL back. Raises BackupError.
    """
    if not place.exists():
        return
    try:
        with closing(sqlite3.connect(place, timeout=0, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            says = f"The database {place} is in use: stop the server, and every other command that uses it, first."
            raise BackupError(says) from None


def _put(folder: Path, place: Path, blobs: BlobStore, secrets: Path) -> Path | None:
    """What was unpacked, where it belongs: the database last, which names all the rest."""
    must_be_unused(place)
    _shelve(folder, blobs)
    if (found := folder / SECRETS).exists():
        add_secrets(secrets, read_secrets(found))
    before = _lay_aside(place)
    (folder / DATABASE).rename(place)
    return before


@contextmanager
def _tar(file: Path) -> Iterator[tarfile.TarFile]:
    """`tarfile` takes one that ends between two entries for a whole one."""
    if not file.is_file():
        raise BackupError(f"There is no file “{file}”.")
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - len(END)))
        if opened.read() != END:
            raise BackupError(NOT_WHOLE.format(file))
    try:
        with tarfile.open(file, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError):
        raise BackupError(NOT_WHOLE.format(file)) from None


def _unpack(file: Path, folder: Path) -> None:
    """Into a flat folder, by names of our own: `backchannel.db`, `secret.key`, `DIGEST.s`, `DIGEST.l`."""
    known = set[str]()
    with _tar(file) as tar:
        for entry in tar:
            if (name := _name(entry)) is None or name in known:
                raise BackupError(f"“{file}” is not a backup of Backchannel: it has an entry that none has.")
            known.add(name)
            if name == ABOUT:
                continue
            content = tar.extractfile(entry)
            with Path(folder, name).open("xb") as target:
                if content is not None:
                    shutil.copyfileobj(content, target)
                os.fsync(target.fileno())
        stopped_at = tar.offset
    with file.open("rb") as opened:  # `tarfile` takes a header that it cannot read for the end
        opened.seek(stopped_at)
        ends = opened.read(len(END)) == END
    if not ends or DATABASE not in known:
        raise BackupError(NOT_WHOLE.format(file))


def _name(entry: tarfile.TarInfo) -> str | None:
    if entry.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or entry.issparse():  # sparse ones grow
        return None
    if found := PICTURE.fullmatch(entry.name):
        return f"{found[1]}.{found[2]}"
    return entry.name if entry.name in {ABOUT, DATABASE, SECRETS} else None


async def _check(file: Path, copy: Path) -> None:
    """Ours, whole, and no newer than this code. Raises BackupError, UnfitSchema."""
    damaged = f"“{file}” is damaged: its database cannot be read."
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


def _shelve(folder: Path, blobs: BlobStore) -> None:
    """Pictures are known by what is in them: one that was changed on the way is another, which nothing names."""
    for small in sorted(folder.glob(f"*.{SIZES[0]}")):
        large = small.with_suffix(f".{SIZES[1]}")
        if large.exists():
            blobs.put(small.read_bytes(), large.read_bytes())


def _lay_aside(place: Path) -> Path | None:
    if not place.exists():
        return None
    before = place.with_name(f"{place.name}.before-{now():%Y%m%dT%H%M%SZ}")
    for besides in BESIDES:
        with suppress(FileNotFoundError):
            place.with_name(place.name + besides).rename(before.with_name(before.name + besides))
    return before
