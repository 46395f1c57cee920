"""The lock of a wall's row, so that the wall and its rules never change while a page of posts is admitted.

Every writer locks rows in one order: sources, posts (by id), the wall, items, channels (by slug, and `SLUG/wall` before
`SLUG/desk`). Only a removal locks its wall before the posts. It cannot deadlock: it has locked all sources of the wall,
and only the admission of a page from these sources locks the wall's row while holding posts.
The end of a rule shares its wall before it locks posts, which blocks only a removal and a change of that wall.
"""

from __future__ import annotations

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from aggregator.walls.errors import WallError
from aggregator.walls.tables import Wall


async def lock_wall(db: AsyncSession, wall: Wall) -> None:
    """Lock the wall and its rules until the transaction ends. Raises WallError if the wall has been removed.

    The wall is read again, because it may have changed during the wait.
    """
    await _read(db, wall, select(Wall).with_for_update())


async def share_wall(db: AsyncSession, wall: Wall) -> Wall:
    """Lock the wall as `lock_wall` does, but shared with other callers of this function; returns it as it is now."""
    return await _read(db, wall, select(Wall).with_for_update(read=True, key_share=True))


async def _read(db: AsyncSession, wall: Wall, locking: SelectOfScalar[Wall]) -> Wall:
    query = locking.where(Wall.id == wall.id).execution_options(populate_existing=True)
    found = (await db.exec(query)).first()
    if found is None:
        raise WallError(f"There is no wall “{wall.slug}”: it has just been removed.")
    return found
