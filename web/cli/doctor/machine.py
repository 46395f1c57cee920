"""What `doctor` looks at on the machine: the data folder, the database, the clock, the port. It changes nothing."""

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

PATIENCE = 10.0
"""Seconds that the database has to answer."""
PLENTY = 1024**3
MANY_FILES = 4096


def data_folder(folder: Path) -> Iterator[Check]:
    """Writing is tried, in the folder or in the nearest one above that exists; nothing stays behind."""
    there = folder.absolute()
    try:
        there = next(each for each in (there, *there.parents) if each.exists())
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except NotADirectoryError:
        message = f"{there} is a file, and must be a folder."
        yield Check("Data folder", Status.FAIL, message, f"Move it away, or set {variable('data_dir')} to a folder.")
    except OSError:
        message = f"This user cannot read and write in {there}."
        hint = f"Give this user the right to, or set {variable('data_dir')} to another folder."
        yield Check("Data folder", Status.FAIL, message, hint)
    else:
        yield room(folder, free)


def room(folder: Path, free: int) -> Check:
    """`free` bytes are too little for anything, or for a large conference, or enough."""
    message = f"{folder} has {free // MEGABYTE} MB of free space."
    if free < MIN_FREE_BYTES:
        return Check("Data folder", Status.FAIL, message, "Make room: nothing more can be stored.")
    if free < PLENTY:
        return Check("Data folder", Status.WARN, message, "Make room: pictures need about 1 GB for a large conference.")
    return Check("Data folder", Status.OK, f"{folder}, {free // 1024**3} GB free")


async def database(settings: Settings, least: int = MIN_FREE_BYTES) -> list[Check]:
    """Reachable, ours, at the version that this code expects, and with so much room on its disk."""
    store = Store(settings.store_url)
    if missing := _missing(store.database.file, is_given=bool(settings.database_url)):
        return [missing]
    if lacking := disk_full(store.database, least):
        return [Check("Database", Status.FAIL, lacking.problem, lacking.hint)]
    try:
        async with asyncio.timeout(PATIENCE):
            standing = await schema_state_of(store)
            return [_stands(store, standing), *await _contents(settings, store, standing)]
    except TimeoutError:
        message = f"The database at {store.database.location} did not answer within {PATIENCE:.0f} seconds."
        return [Check("Database", Status.FAIL, message, f"Start it, and check {variable('database_url')}.")]
    except (Outage, SchemaMismatch) as trouble:
        return [Check("Database", Status.FAIL, trouble.problem, trouble.hint)]
    finally:
        await store.close()


def clock(newest: datetime | None) -> list[Check]:
    """A clock that is behind what the store has seen, or behind this program's own files, is wrong."""
    built = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    least = max(built - timedelta(days=1), newest or built - timedelta(days=1))
    if now() + timedelta(minutes=1) < least:
        message = f"It says {now():%Y-%m-%d %H:%M} UTC, and must be later than {least:%Y-%m-%d %H:%M}."
        return [Check("Clock", Status.FAIL, message, "Set this machine's clock, best by NTP.")]
    return [Check("Clock", Status.OK, f"{now():%Y-%m-%d %H:%M} UTC")]


def port(host: str, number: int) -> Iterator[Check]:
    """Free, or taken by a Backchannel that runs already, or by somebody else."""
    about = f"Port {number}"
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError:
            if _is_backchannel(number):
                yield Check(about, Status.OK, "a Backchannel is serving there")
            else:
                hint = f"Choose another: `backchannel serve --port {number + 1}`, or set {variable('port')}."
                message = "It cannot be used: another program has it, or this user may not listen there."
                yield Check(about, Status.FAIL, message, hint)
            return
    yield Check(about, Status.OK, "free")


def open_files() -> Iterator[Check]:
    """Each viewer is a connection, and each connection an open file."""
    limit = os.sysconf("SC_OPEN_MAX")
    if limit < MANY_FILES:
        message = f"This process may open {limit} files, one for each viewer."
        yield Check("Viewers", Status.WARN, message, "For a large conference: ulimit -n 65536")
    else:
        yield Check("Viewers", Status.OK, f"up to about {limit} connections")


# --- looking ----------------------------------------------------------------------------------------------------


def _missing(file: Path | None, *, is_given: bool) -> Check | None:
    """Looking at a SQLite database that is not there would make it. The data folder is made when it is needed."""
    try:
        if file is None or file.exists():
            return None
        if not is_given or file.absolute().parent.is_dir():
            return Check("Database", Status.WARN, f"It is not there yet: {file}.", "The first wall makes it.")
        message = f"The folder of the database, {file.parent}, is not there."
        return Check("Database", Status.FAIL, message, f"Make the folder, or correct {variable('database_url')}.")
    except OSError:
        message, hint = (
            f"This user cannot look at the database {file}.",
            "Give this user the right to read and write it.",
        )
        return Check("Database", Status.FAIL, message, hint)


def _stands(store: Store, standing: SchemaState) -> Check:
    match standing:
        case SchemaState.CURRENT:
            return Check("Database", Status.OK, f"{store.dialect}, up to date")
        case SchemaState.EMPTY:
            return Check("Database", Status.WARN, "It is empty.", "The first wall makes its tables.")
    return Check("Database", Status.WARN, "It is an older version's.", "The first command brings it up to date.")


async def _contents(settings: Settings, store: Store, standing: SchemaState) -> list[Check]:
    """What only a database with our tables can tell."""
    if standing != SchemaState.CURRENT:
        return []
    found = [*clock(await _newest(store)), *await sources.sources(store, Vault(settings.secret_path))]
    serves = await asyncio.to_thread(_is_backchannel, settings.port)
    if not serves:
        return found
    role = await asyncio.to_thread(sources.served_role, settings.port)
    return [*found, *await sources.polling(store, role), *await sources.another_store(store, settings.port, role)]


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
