"""Changing the states of items: the only statements that do, so that each raises the item's version."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.tables import Item, numbers
from aggregator.walls.tables import Wall

Where = Sequence[ColumnElement[bool]]


def on_wall(wall: Wall | int | None, post_ids: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """The condition for the items of these posts on a wall, which is given as such or by its number."""
    wall_id = wall.id if isinstance(wall, Wall) else wall
    return col(Item.wall_id) == wall_id, col(Item.post_n).in_(numbers(post_ids))


async def set_state(db: AsyncSession, items: Where, values: Mapping[str, Any]) -> None:
    """Give these locked items another state or reason."""
    raised = col(Item.version) + 1
    await db.exec(update(Item).where(*items).values(**{"version": raised, "decided": raised} | dict(values)))


async def note_edit(db: AsyncSession, items: Where) -> None:
    """Note that these locked items have other content."""
    raised = col(Item.version) + 1
    await db.exec(update(Item).where(*items).values(version=raised, edited=raised))
