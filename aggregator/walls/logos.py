"""The logo of a wall: an organiser's picture, made safe like a stranger's, and served like any other picture."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.media.blob_store import BlobStore
from aggregator.media.cleanup import lock_blobs
from aggregator.media.images import BadPicture, Prepared
from aggregator.media.sandbox import Sandbox, SandboxCrashed
from aggregator.media.tables import Logo
from aggregator.store.sql import stored_id
from aggregator.walls.errors import InvalidSetting
from aggregator.walls.tables import Wall
from aggregator.walls.walls import change_wall

LOGO: Final = "logo"
MAX_LOGO: Final = 1_000_000
"""Bytes of a logo's file at most: less than a request may have (web/limits.py)."""


async def read_logo(path: Path) -> Prepared:
    """Return the picture of a file, prepared. Raises InvalidSetting and OSError."""

    def begun() -> bytes:
        with path.open("rb") as file:
            return file.read(MAX_LOGO + 1)  # enough to be refused as too large

    return await prepare_logo(await asyncio.to_thread(begun))


async def prepare_logo(data: bytes) -> Prepared:
    """Return the picture decoded and encoded again, in both sizes. Raises InvalidSetting."""
    if len(data) > MAX_LOGO:
        raise InvalidSetting(
            LOGO, "File too large: a logo has at most 1 MB. Save it smaller; 960 pixels are wide enough."
        )
    async with Sandbox() as sandbox:
        try:
            return await sandbox.prepare(data, LOGO)
        except BadPicture as error:
            raise InvalidSetting(LOGO, str(error)) from None
        except SandboxCrashed:
            raise InvalidSetting(LOGO, "Picture not readable: save it again as PNG, then try that file.") from None


async def set_logo(db: AsyncSession, blobs: BlobStore, wall: Wall, logo: Prepared, *, by: Actor) -> None:
    """Give the wall a logo in place of the one before; open pages show it within a moment. Raises WallError.

    The files of the one before are deleted with other orphans. The picture worker locks in this order, too: first the
    blobs, then channels.
    """
    await lock_blobs(db)
    file = await asyncio.to_thread(blobs.put, logo.small, logo.large)
    picture = {"id": file, "color": logo.color, "width": logo.width, "height": logo.height}
    await change_wall(db, wall, look={LOGO: picture}, by=by)
    await db.merge(Logo(wall_id=stored_id(wall), file=file))


async def remove_logo(db: AsyncSession, wall: Wall, *, by: Actor) -> None:
    """Take the logo from the wall. Raises WallError."""
    await change_wall(db, wall, look={LOGO: ""}, by=by)
    await db.exec(delete(Logo).where(col(Logo.wall_id) == wall.id))
