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
from aggregator.migrations import Standing, UnfitSchema, standing_of
from aggregator.settings import Settings, variable
from aggregator.sources.credentials import Vault
from aggregator.store.disk import LEAST, MEGABYTE, shortage
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from aggregator.timestamps import now
from web.cli.doctor import sources
from web.cli.doctor.check import Finding, Verdict

PATIENCE = 10.0
"""Seconds that the database has to answer."""
PLENTY = 1024**3
MANY_FILES = 4096


def data_folder(folder: Path) -> Iterator[Finding]:
    """Writing is tried, in the folder or in the nearest one above that exists; nothing stays behind."""
    there = folder.absolute()
    try:
        there = next(each for each in (there, *there.parents) if each.exists())
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except NotADirectoryError:
        says = f"{there} is a file, and must be a folder."
        yield Finding("Data folder", Verdict.MEND, says, f"Move it away, or set {variable('data_dir')} to a folder.")
    except OSError:
        says = f"This user cannot read and write in {there}."
        mend = f"Give this user the right to, or set {variable('data_dir')} to another folder."
        yield Finding("Data folder", Verdict.MEND, says, mend)
    else:
        yield room(folder, free)


def room(folder: Path, free: int) -> Finding:
    """`free` bytes are too little for anything, or for a large conference, or enough."""
    says = f"{folder} has {free // MEGABYTE} MB of free space."
    if free < LEAST:
        return Finding("Data folder", Verdict.MEND, says, "Make room: nothing more can be stored.")
    if free < PLENTY:
        return Finding("Data folder", Verdict.NOTE, says, "Make room: pictures need about 1 GB for a large conference.")
    return Finding("Data folder", Verdict.WELL, f"{folder}, {free // 1024**3} GB free")


async def database(settings: Settings, least: int = LEAST) -> list[Finding]:
    """Reachable, ours, at the version that this code expects, and with so much room on its disk."""
    store = Store(settings.store_url)
    if missing := _missing(store.database.file, is_given=bool(settings.database_url)):
        return [missing]
    if lacking := shortage(store.database, least):
        return [Finding("Database", Verdict.MEND, lacking.says, lacking.mend)]
    try:
        async with asyncio.timeout(PATIENCE):
            standing = await standing_of(store)
            return [_stands(store, standing), *await _contents(settings, store, standing)]
    except TimeoutError:
        says = f"The database at {store.database.place} did not answer within {PATIENCE:.0f} seconds."
        return [Finding("Database", Verdict.MEND, says, f"Start it, and check {variable('database_url')}.")]
    except (Outage, UnfitSchema) as trouble:
        return [Finding("Database", Verdict.MEND, trouble.says, trouble.mend)]
    finally:
        await store.close()


def clock(newest: datetime | None) -> list[Finding]:
    """A clock that is behind what the store has seen, or behind this program's own files, is wrong."""
    built = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    least = max(built - timedelta(days=1), newest or built - timedelta(days=1))
    if now() + timedelta(minutes=1) < least:
        says = f"It says {now():%Y-%m-%d %H:%M} UTC, and must be later than {least:%Y-%m-%d %H:%M}."
        return [Finding("Clock", Verdict.MEND, says, "Set this machine's clock, best by NTP.")]
    return [Finding("Clock", Verdict.WELL, f"{now():%Y-%m-%d %H:%M} UTC")]


def port(host: str, number: int) -> Iterator[Finding]:
    """Free, or taken by a Backchannel that runs already, or by somebody else."""
    about = f"Port {number}"
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError:
            if _is_backchannel(number):
                yield Finding(about, Verdict.WELL, "a Backchannel is serving there")
            else:
                mend = f"Choose another: `backchannel serve --port {number + 1}`, or set {variable('port')}."
                says = "It cannot be used: another program has it, or this user may not listen there."
                yield Finding(about, Verdict.MEND, says, mend)
            return
    yield Finding(about, Verdict.WELL, "free")


def open_files() -> Iterator[Finding]:
    """Each viewer is a connection, and each connection an open file."""
    limit = os.sysconf("SC_OPEN_MAX")
    if limit < MANY_FILES:
        says = f"This process may open {limit} files, one for each viewer."
        yield Finding("Viewers", Verdict.NOTE, says, "For a large conference: ulimit -n 65536")
    else:
        yield Finding("Viewers", Verdict.WELL, f"up to about {limit} connections")


# --- looking ----------------------------------------------------------------------------------------------------


def _missing(file: Path | None, *, is_given: bool) -> Finding | None:
    """Looking at a SQLite database that is not there would make it. The data folder is made when it is needed."""
    try:
        if file is None or file.exists():
            return None
        if not is_given or file.absolute().parent.is_dir():
            return Finding("Database", Verdict.NOTE, f"It is not there yet: {file}.", "The first wall makes it.")
        says = f"The folder of the database, {file.parent}, is not there."
        return Finding("Database", Verdict.MEND, says, f"Make the folder, or correct {variable('database_url')}.")
    except OSError:
        says, mend = f"This user cannot look at the database {file}.", "Give this user the right to read and write it."
        return Finding("Database", Verdict.MEND, says, mend)


def _stands(store: Store, standing: Standing) -> Finding:
    match standing:
        case Standing.CURRENT:
            return Finding("Database", Verdict.WELL, f"{store.dialect}, up to date")
        case Standing.EMPTY:
            return Finding("Database", Verdict.NOTE, "It is empty.", "The first wall makes its tables.")
    return Finding("Database", Verdict.NOTE, "It is an older version's.", "The first command brings it up to date.")


async def _contents(settings: Settings, store: Store, standing: Standing) -> list[Finding]:
    """What only a database with our tables can tell."""
    if standing != Standing.CURRENT:
        return []
    found = [*clock(await _newest(store)), *await sources.sources(store, Vault(settings.secret_path))]
    serves = await asyncio.to_thread(_is_backchannel, settings.port)
    return [*found, *(await sources.another_store(store, settings.port) if serves else [])]


async def _newest(store: Store) -> datetime | None:
    async with store.read() as session:
        return await newest_post_at(session)


def _is_backchannel(number: int) -> bool:
    connection = HTTPConnection("127.0.0.1", number, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read() == b'{"status":"ok"}'
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
