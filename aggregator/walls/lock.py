"""The lock of a wall's row: the wall and its rules change between two pages of posts, never during one."""

from __future__ import annotations

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.walls.tables import Wall


async def lock_wall(session: AsyncSession, wall: Wall) -> None:
    """Until the transaction ends. Take it before any channel, as whoever brings posts does: else both wait for ever."""
    await session.exec(select(Wall.id).where(Wall.id == wall.id).with_for_update())


async def share_wall(session: AsyncSession, wall: Wall) -> None:
    """Until the transaction ends, nobody changes the wall or its rules; several may share it."""
    await session.exec(select(Wall.id).where(Wall.id == wall.id).with_for_update(read=True, key_share=True))
