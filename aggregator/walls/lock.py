"""The lock of a wall's row: the wall and its rules change between two pages of posts, never during one.

Every writer locks rows in one order: sources, posts (by their ids), the wall, items, channels (by their walls' slugs,
and of each `SLUG/wall` before `SLUG/desk`). A removal alone locks its wall before the posts, and nobody can wait for it
in a ring: it has locked all sources of the wall by then, so that no page comes in, and no writer but a page of that
wall locks its row while holding posts. The end of a rule shares its wall before it locks posts, which holds up nobody
but a removal and a change of that wall.
"""

from __future__ import annotations

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from aggregator.walls.errors import WallError
from aggregator.walls.tables import Wall


async def lock_wall(db: AsyncSession, wall: Wall) -> None:
    """Until the transaction ends, nobody else changes the wall or its rules. Raises WallError where it is removed.

    The wall is read anew: it may have changed while we waited.
    """
    await _read(db, wall, select(Wall).with_for_update())


async def share_wall(db: AsyncSession, wall: Wall) -> None:
    """Until the transaction ends, nobody changes the wall or its rules; several may share it. Else as `lock_wall`."""
    await _read(db, wall, select(Wall).with_for_update(read=True, key_share=True))


async def _read(db: AsyncSession, wall: Wall, locking: SelectOfScalar[Wall]) -> None:
    query = locking.where(Wall.id == wall.id).execution_options(populate_existing=True)
    if (await db.exec(query)).first() is None:
        raise WallError(f"There is no wall “{wall.slug}”: it has just been removed.")
