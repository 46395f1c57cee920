"""The free space on the disk of a SQLite database; a PostgreSQL server watches its own disk."""

from __future__ import annotations

import shutil

from aggregator.store.errors import Outage
from aggregator.store.url import Database

MEGABYTE = 1024**2
MIN_FREE_BYTES = 10 * MEGABYTE
"""Below this, writes may fail at any time: SQLite's journal alone may need as much."""


def disk_full(database: Database, least: int = MIN_FREE_BYTES) -> Outage | None:
    """Return an Outage if the disk has less than `least` bytes free, else None. It writes nothing."""
    if database.file is None:
        return None
    try:
        free = shutil.disk_usage(database.file.absolute().parent).free
    except OSError:  # a missing folder: opening the database gives a better message
        return None
    if free >= least:
        return None
    problem = f"Disk full: {free // MEGABYTE} MB of free space are too little for the database {database.location}."
    return Outage(problem, "Free some space on its disk.")
