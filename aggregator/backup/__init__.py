"""Backups of a store in SQLite: one tar file, written while the server runs, and read back by `restore`.

    about.json                 what this is, and how much of it
    backchannel.db             the whole database, as of one moment
    media/DIGEST/s.webp        each picture that the database names, in both sizes
    media/DIGEST/l.webp
    secret.key                 only where it was asked for

A server's database is backed up by that server's own programs: docs/backup.md.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

FORMAT: Final = 1
ABOUT: Final = "about.json"
DATABASE: Final = "backchannel.db"
SECRETS: Final = "secret.key"
SIZES: Final = ("s", "l")


class BackupError(Exception):
    """A backup cannot be made or restored. `str()` is one plain sentence, or two."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself. `sealed` sources have credentials that only the secret key opens."""

    backchannel_backup: int = FORMAT
    made_at: datetime
    walls: int
    posts: int
    pictures: int
    sealed: int
    has_secrets: bool


def member(file: str, size: str) -> str:
    """The name in the tar file of one size of a picture."""
    return f"media/{file}/{size}.webp"
