"""Roles by an organisation's claim, given with each log-in.

A role on a wall is raised and never lowered: members whom the claim no longer names stay until they are removed. Who
is an administrator, the claim alone decides if it decides that at all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.access import role_on, wall_by_slug
from aggregator.accounts.administration import set_admin
from aggregator.accounts.members import set_role
from aggregator.accounts.organisation import EVERY_WALL, Claims, Grant, Organisation
from aggregator.accounts.roles import rank
from aggregator.accounts.tables import Account
from aggregator.audit.actor import Actor, ActorKind
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.errors import WallError
from aggregator.walls.tables import Wall
from aggregator.walls.walls import list_walls

ORGANISATION: Final = Actor(ActorKind.RULE, "organisation")


async def give(store: Store, organisation: Organisation, account: Account, claims: Claims, at: datetime) -> None:
    """Give the account what the claim gives to this person."""
    granted = organisation.granted(claims)
    if organisation.decides_admins:
        async with store.write() as db:
            is_admin = any(grant.role is None for grant in granted)
            await set_admin(db, account, ORGANISATION, at, is_admin=is_admin)
    for grant in granted:
        async with store.read() as db:
            walls = await _walls(db, grant)
        for wall in walls:
            await _raise_role(store, wall, account, grant, at)


async def _raise_role(store: Store, wall: Wall, account: Account, grant: Grant, at: datetime) -> None:
    async with store.write() as db:
        role = await role_on(db, account, wall)
        if grant.role is None or (role is not None and rank(role) >= rank(grant.role)):
            return
        try:
            await set_role(db, wall, stored_id(account), grant.role, by=ORGANISATION, at=at)
        except WallError:  # it has just been removed
            return


async def _walls(db: AsyncSession, grant: Grant) -> list[Wall]:
    """Return the walls of a grant that are there."""
    if grant.wall == EVERY_WALL:
        return list(await list_walls(db))
    wall = await wall_by_slug(db, grant.wall) if grant.wall else None
    return [wall] if wall is not None else []
