"""Room for the database: whether its disk has enough left to store anything. It refuses to know what is stored.

A SQLite file lies on a disk of ours; a server looks after its own.
"""

from __future__ import annotations

import shutil

from aggregator.store.errors import Outage
from aggregator.store.url import Database

MEGABYTE = 1024**2
MIN_FREE_BYTES = 10 * MEGABYTE
"""Below this, writes fail at any moment: SQLite's journal alone may need as much."""


def disk_full(database: Database, least: int = MIN_FREE_BYTES) -> Outage | None:
    """Why nothing more can be stored there, where that is so. It writes nothing."""
    if database.file is None:
        return None
    try:
        free = shutil.disk_usage(database.file.absolute().parent).free
    except OSError:  # the folder is away, which opening the database tells better
        return None
    if free >= least:
        return None
    says = (
        f"The disk on which the database {database.location} lies has {free // MEGABYTE} MB of free space, too little."
    )
    return Outage(says, "Make room on it.")
