"""`doctor`'s checks of file permissions: the data folder, the database and the secret key."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from aggregator.data_folder import OTHERS
from aggregator.settings import Settings
from aggregator.store.store import Store
from web.cli.doctor.check import Check, Status

THROUGH = stat.S_IXGRP | stat.S_IXOTH


def privacy(settings: Settings) -> Iterator[Check]:
    """A warning for the folder and for each file that other users of this machine can open."""
    if os.name == "nt":  # Windows has no such permission bits
        return
    if is_open(settings.data_dir):
        message = f"Other users of this machine can open {settings.data_dir} ({_mode(settings.data_dir)})."
        yield Check("Privacy", Status.WARN, message, f"chmod 700 {settings.data_dir}")
    for file in _files(settings):
        if is_open(file) and _mode_of(file.parent) & THROUGH:
            message = f"Other users of this machine can read {file} ({_mode(file)})."
            yield Check("Privacy", Status.WARN, message, f"chmod 600 {file}")


def is_open(path: Path) -> bool:
    """Whether group or others have any permission on it. False if it doesn't exist."""
    return bool(_mode_of(path) & OTHERS)


def _files(settings: Settings) -> list[Path]:
    database = Store(settings.store_url).database.file
    beside = [database.with_name(database.name + end) for end in ("", "-wal", "-shm")] if database else []
    return [settings.secret_path, *beside]


def _mode_of(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _mode(path: Path) -> str:
    return f"{_mode_of(path):04o}"
