"""Backups of a store in SQLite: one tar file, written while the server runs, and read back by `restore`.

    about.json                 when the backup was made, and how much is in it
    backchannel.db             the whole database, as a snapshot
    media/DIGEST/s.webp        each picture that the database names, in both sizes
    media/DIGEST/l.webp
    secret.key                 only if requested

A PostgreSQL database is backed up with PostgreSQL's own programs: docs/backup.md.
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
    """A backup cannot be written or restored. `str()` is one plain sentence, or two."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """The description inside a backup. `sealed` sources have credentials that only the secret key decrypts."""

    backchannel_backup: int = FORMAT
    made_at: datetime
    walls: int
    posts: int
    pictures: int
    sealed: int
    has_secrets: bool


def member(file: str, size: str) -> str:
    """Return the name in the tar file of one size of a picture."""
    return f"media/{file}/{size}.webp"
