"""Making a wall at the desk: administrators do, and own what they have made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.access import Principal, must_be_admin
from aggregator.accounts.members import set_role
from aggregator.accounts.roles import Permission, Role
from aggregator.store.sql import stored_id
from aggregator.walls.tables import Wall
from aggregator.walls.walls import create_wall


async def make_wall(db: AsyncSession, slug: str, name: str, *, by: Principal, at: datetime, **settings: Any) -> Wall:
    """Make a wall, whose owner is the one who acts; `settings` are those of `create_wall`.

    Raises PermissionDenied, SlugTaken, InvalidSetting.
    """
    await must_be_admin(db, by, Permission.CONFIGURE)
    wall = await create_wall(db, slug, name, by=by.actor, **settings)
    # As the command line would: nobody has a permission on this wall yet.
    await set_role(db, wall, stored_id(by.account), Role.OWNER, by=by.actor, at=at)
    return wall
