"""`doctor`'s checks of the machine: data folder, database, clock, port. They change nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from aggregator.items.counts import newest_post_at
from aggregator.migrations import SchemaMismatch, SchemaState, schema_state_of
from aggregator.settings import Settings, variable
from aggregator.sources.credentials import Vault
from aggregator.store.disk import MEGABYTE, MIN_FREE_BYTES, disk_full
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from aggregator.timestamps import now
from web.cli.doctor import sources
from web.cli.doctor.check import Check, Status

DATABASE_TIMEOUT = 10.0
"""Seconds."""
PLENTY_BYTES = 1024**3
MANY_FILES = 4096


def data_folder(folder: Path) -> Iterator[Check]:
    """Check that the folder, or the nearest existing one above it, is writable. Nothing is left behind."""
    there = folder.absolute()
    try:
        there = next(each for each in (there, *there.parents) if each.exists())
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except NotADirectoryError:
        message = f"{there} isn't a folder."
        yield Check("Data folder", Status.FAIL, message, f"Move it away, or set {variable('data_dir')} to a folder.")
    except OSError:
        message = f"Permission denied: this user can't read and write in {there}."
        hint = f"Give this user the right to, or set {variable('data_dir')} to another folder."
        yield Check("Data folder", Status.FAIL, message, hint)
    else:
        yield free_space(folder, free)


def free_space(folder: Path, free: int) -> Check:
    """Check the free space (bytes), for anything at all and for a large conference."""
    message = f"{folder} has {free // MEGABYTE} MB of free space."
    if free < MIN_FREE_BYTES:
        return Check("Data folder", Status.FAIL, message, "Disk full: free some space, nothing more can be stored.")
    if free < PLENTY_BYTES:
        return Check(
            "Data folder", Status.WARN, message, "Free some space: pictures need about 1 GB for a large conference."
        )
    return Check("Data folder", Status.OK, f"{folder}, {free // 1024**3} GB free")


async def database(settings: Settings, least: int = MIN_FREE_BYTES) -> list[Check]:
    """Check that the database is reachable, ours and up to date, and its disk not full."""
    store = Store(settings.store_url)
    if missing := _missing(store.database.file, is_given=bool(settings.database_url)):
        return [missing]
    if lacking := disk_full(store.database, least):
        return [Check("Database", Status.FAIL, lacking.problem, lacking.hint)]
    try:
        async with asyncio.timeout(DATABASE_TIMEOUT):
            state = await schema_state_of(store)
            return [_schema(store, state), *await _contents(settings, store, state)]
    except TimeoutError:
        message = f"The database at {store.database.location} did not answer within {DATABASE_TIMEOUT:.0f} seconds."
        return [Check("Database", Status.FAIL, message, f"Start it, and check {variable('database_url')}.")]
    except (Outage, SchemaMismatch) as error:
        return [Check("Database", Status.FAIL, error.problem, error.hint)]
    finally:
        await store.close()


def clock(newest: datetime | None) -> list[Check]:
    """Check the clock: it is wrong if it is behind the newest row or this program's own files."""
    built = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    least = max(built - timedelta(days=1), newest or built - timedelta(days=1))
    if now() + timedelta(minutes=1) < least:
        message = f"It says {now():%Y-%m-%d %H:%M} UTC, and must be later than {least:%Y-%m-%d %H:%M}."
        return [Check("Clock", Status.FAIL, message, "Set this machine's clock, best by NTP.")]
    return [Check("Clock", Status.OK, f"{now():%Y-%m-%d %H:%M} UTC")]


def port(host: str, number: int) -> Iterator[Check]:
    """Check the port: free, used by a running Backchannel, or by another program."""
    about = f"Port {number}"
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError:
            if _is_backchannel(number):
                yield Check(about, Status.OK, "used by a running Backchannel")
            else:
                hint = f"Choose another: `backchannel serve --port {number + 1}`, or set {variable('port')}."
                message = (
                    "Address in use or permission denied: another program has it, or this user may not listen there."
                )
                yield Check(about, Status.FAIL, message, hint)
            return
    yield Check(about, Status.OK, "free")


def open_files() -> Iterator[Check]:
    """Check the limit of open files: each viewer's connection is one."""
    limit = os.sysconf("SC_OPEN_MAX")
    if limit < MANY_FILES:
        message = f"{limit} open files, one for each viewer."
        yield Check("Open-file limit", Status.WARN, message, "For a large conference: ulimit -n 65536")
    else:
        yield Check("Open-file limit", Status.OK, f"up to about {limit} connections")


# --- helpers ----------------------------------------------------------------------------------------------------


def _missing(file: Path | None, *, is_given: bool) -> Check | None:
    """A check that fails for a missing SQLite file, since opening it would create it; None if it exists."""
    try:
        if file is None or file.exists():
            return None
        if not is_given or file.absolute().parent.is_dir():
            return Check("Database", Status.WARN, f"No database yet: {file}.", "The first wall creates it.")
        message = f"No such folder: {file.parent}, which should hold the database."
        return Check("Database", Status.FAIL, message, f"Create the folder, or correct {variable('database_url')}.")
    except OSError:
        message, hint = (
            f"Permission denied: this user can't read the database {file}.",
            "Give this user the right to read and write it.",
        )
        return Check("Database", Status.FAIL, message, hint)


def _schema(store: Store, state: SchemaState) -> Check:
    match state:
        case SchemaState.CURRENT:
            return Check("Database", Status.OK, f"{store.dialect}, up to date")
        case SchemaState.EMPTY:
            return Check("Database", Status.WARN, "It is empty.", "The first wall creates its tables.")
    return Check("Database", Status.WARN, "Schema of an older version.", "The next command upgrades it.")


async def _contents(settings: Settings, store: Store, state: SchemaState) -> list[Check]:
    """The checks that need our tables."""
    if state != SchemaState.CURRENT:
        return []
    found = [*clock(await _newest(store)), *await sources.sources(store, Vault(settings.secret_path))]
    serves = await asyncio.to_thread(_is_backchannel, settings.port)
    if not serves:
        return found
    role = await asyncio.to_thread(sources.served_role, settings.port)
    another = await sources.another_store(store, settings.port, role)
    return [*found, *(another or await sources.polling(store, role))]


async def _newest(store: Store) -> datetime | None:
    async with store.read() as db:
        return await newest_post_at(db)


def _is_backchannel(number: int) -> bool:
    connection = HTTPConnection("127.0.0.1", number, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read() == b'{"status":"ok"}'
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
