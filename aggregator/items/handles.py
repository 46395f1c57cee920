"""The handles of the authors on a wall, and suggestions for a misspelt one."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

import msgspec
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.listing import BATCH, bare
from aggregator.items.tables import Item, StoredPost
from aggregator.walls.tables import Wall
from connectors.contract import Post

MAX_CLOSE = 5


async def handles_on(db: AsyncSession, walls: Collection[Wall]) -> list[str]:
    """Return the handles of all authors with posts on these walls, sorted, reading one post of each."""
    newest = select(func.max(StoredPost.n)).join(Item).where(col(StoredPost.body).is_not(None))
    newest = newest.where(col(Item.wall_id).in_([wall.id for wall in walls])).group_by(col(StoredPost.author))
    numbers = [n for n in await db.exec(newest) if n is not None]
    found: set[str] = set()
    for start in range(0, len(numbers), BATCH):
        query = select(StoredPost.body).where(col(StoredPost.n).in_(numbers[start : start + BATCH]))
        bodies = [body for body in await db.exec(query) if body is not None]
        found.update(msgspec.json.decode(body, type=Post).author.handle for body in bodies)
    return sorted(found)


def close_handles(handle: str, known: Collection[str]) -> list[str]:
    """Return the known handles that contain it, then those spelt similarly, with or without the server."""
    name = bare(handle)
    within = [each for each in known if name and name in bare(each)]
    by_name = {bare(each).partition("@")[0]: each for each in known} | {bare(each): each for each in known}
    alike = get_close_matches(name, by_name, n=MAX_CLOSE)
    return list(dict.fromkeys([*within, *(by_name[each] for each in alike)]))[:MAX_CLOSE]
