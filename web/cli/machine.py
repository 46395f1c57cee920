"""What `doctor` looks at on the machine: the data folder, the database, the clock, the port. It changes nothing."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from sqlmodel import func, select

from aggregator.items.tables import StoredPost
from aggregator.moment import now
from aggregator.settings import Settings, variable
from aggregator.store import Store
from web.cli.finding import Finding, Verdict
from web.ops import store_trouble

LEAST_FREE = 1024**3
MANY_FILES = 4096


def data_folder(folder: Path) -> Iterator[Finding]:
    """Writing is tried, in the folder or in the nearest one above that exists; nothing stays behind."""
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except OSError as error:
        yield Finding("Data folder", Verdict.MEND, f"{folder} cannot be written to ({error.strerror}).", _make(there))
        return
    if free < LEAST_FREE:
        says = f"{folder} has {free // 1024**2} MB of free space."
        yield Finding("Data folder", Verdict.NOTE, says, "Make room: pictures need about 1 GB for a large conference.")
    else:
        yield Finding("Data folder", Verdict.WELL, f"{folder}, {free // 1024**3} GB free")


async def database(settings: Settings) -> list[Finding]:
    """Reachable, at the version that this code expects, and not from the future."""
    store = Store(settings.store_url)
    if _is_new(store):
        return [Finding("Database", Verdict.NOTE, "It is not there yet.", "The first command makes it.")]
    try:
        if trouble := await store_trouble(store):
            return [Finding("Database", Verdict.MEND, trouble, _start(store, trouble))]
        return [Finding("Database", Verdict.WELL, f"{store.dialect}, up to date"), *clock(await _newest(store))]
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
        except OSError as error:
            if _is_backchannel(number):
                yield Finding(about, Verdict.WELL, "a Backchannel is serving there")
            else:
                mend = f"Choose another: `backchannel serve --port {number + 1}`, or set {variable('port')}."
                yield Finding(about, Verdict.MEND, f"It cannot be used ({error.strerror}).", mend)
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


def _make(folder: Path) -> str:
    return f"Give this user the right to write in {folder}, or set {variable('data_dir')} to another folder."


def _is_new(store: Store) -> bool:
    """Looking at a SQLite database that is not there would make it."""
    return store.dialect == "sqlite" and bool(store.url.database) and not Path(store.url.database or "").exists()


def _start(store: Store, trouble: str) -> str:
    if "version" in trouble:
        return "Run any command, such as `backchannel walls`, to migrate it."
    if store.dialect == "sqlite":
        return f"Move the file away, or restore it from a backup: {store.url.database}"
    return f"Start it, and check {variable('database_url')}."


async def _newest(store: Store) -> datetime | None:
    async with store.read() as session:
        return (await session.exec(select(func.max(StoredPost.first_seen_at)))).one()


def _is_backchannel(number: int) -> bool:
    connection = HTTPConnection("127.0.0.1", number, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read() == b'{"status":"ok"}'
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
