"""Who acts, and what they may do on a wall: asked of the store in the very transaction of the act."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.errors import PermissionDenied
from aggregator.accounts.roles import EVERYTHING, PERMISSIONS, Permission, Role
from aggregator.accounts.tables import Account, LoginSession, Membership
from aggregator.audit.actor import Actor
from aggregator.walls.tables import Wall
from aggregator.walls.walls import SLUG


@dataclass(frozen=True)
class Principal:
    """A signed-in account: by a session, or by an API token, which limits it to `scopes`."""

    account: Account
    session: LoginSession | None = None
    scopes: frozenset[Permission] = EVERYTHING

    @property
    def actor(self) -> Actor:
        """The account as the audit trail names it."""
        return self.account.actor


By = Principal | Actor
"""Who acts: a signed-in account, whose permissions are checked, or the command line, which may do everything."""


def actor_of(by: By) -> Actor:
    """Return the one who acts as the audit trail names them."""
    return by.actor if isinstance(by, Principal) else by


async def role_on(db: AsyncSession, account: Account, wall: Wall) -> Role | None:
    """Return the account's role on this wall, None if it is not a member."""
    query = select(Membership.role).where(Membership.wall_id == wall.id, Membership.account_id == account.id)
    role = (await db.exec(query)).first()
    return None if role is None else Role(role)


async def permissions_on(db: AsyncSession, principal: Principal, wall: Wall) -> frozenset[Permission]:
    """Return what the principal may do on this wall now; nothing if the account has been disabled."""
    current = select(Account.is_admin).where(Account.id == principal.account.id, col(Account.disabled_at).is_(None))
    is_admin = (await db.exec(current)).first()
    if is_admin is None:
        return frozenset()
    role = await role_on(db, principal.account, wall)
    return principal.scopes & (EVERYTHING if is_admin else permissions_of(role))


async def wall_by_slug(db: AsyncSession, slug: str) -> Wall | None:
    """Return the wall with this slug; unlike `find_wall`, tell nothing about the others."""
    return (await db.exec(select(Wall).where(Wall.slug == slug))).first() if SLUG.fullmatch(slug) else None


def permissions_of(role: Role | None) -> frozenset[Permission]:
    """Return what a role permits."""
    return PERMISSIONS[role] if role is not None else frozenset()


async def must_be_admin(db: AsyncSession, by: Principal, scope: Permission) -> None:
    """Raise PermissionDenied unless an administrator acts, by a session or by an API token with this scope."""
    current = select(Account.is_admin).where(Account.id == by.account.id, col(Account.disabled_at).is_(None))
    if scope not in by.scopes or not (await db.exec(current)).first():
        raise PermissionDenied("Permission denied: only an administrator of this server may do this.")


async def must_be_allowed(db: AsyncSession, by: By, wall: Wall, permission: Permission) -> None:
    """Raise PermissionDenied unless the one who acts has this permission on this wall."""
    if isinstance(by, Principal) and permission not in await permissions_on(db, by, wall):
        raise PermissionDenied(f"Permission denied: your role on “{wall.slug}” does not include “{permission}”.")
