"""The members of a wall: listed, given other roles, removed. A wall that has an owner keeps one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.access import By, Principal, actor_of, must_be_allowed, permissions_of
from aggregator.accounts.errors import LastOwner, UnknownSubject
from aggregator.accounts.invitations import take_back_ungivable
from aggregator.accounts.lookup import lock_account
from aggregator.accounts.roles import Permission, Role, needed_to_give
from aggregator.accounts.tables import Account, Membership
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.store.sql import stored_id
from aggregator.walls.lock import share_wall
from aggregator.walls.tables import Wall


async def list_members(db: AsyncSession, wall: Wall) -> Sequence[tuple[Membership, Account]]:
    """Return the members of a wall with their accounts, in the order in which they joined."""
    query = select(Membership, Account).join(Account).where(Membership.wall_id == wall.id)
    return list(await db.exec(query.order_by(col(Membership.joined_at), col(Membership.account_id))))


async def walls_of(db: AsyncSession, account: Account) -> list[tuple[Wall, Role | None]]:
    """Return the walls on whose desk the account may be, with its roles: for an administrator all of them."""
    mine = and_(col(Membership.wall_id) == Wall.id, col(Membership.account_id) == account.id)
    query = select(Wall, Membership.role).join(Membership, mine, isouter=account.is_admin)
    found = await db.exec(query.order_by(col(Wall.created_at), col(Wall.id)))
    return [(wall, None if role is None else Role(role)) for wall, role in found]


async def set_role(db: AsyncSession, wall: Wall, account_id: int, role: Role, *, by: By, at: datetime) -> None:
    """Give a member another role. Whoever may give neither the old nor the new one is refused.

    The command line can make any account a member; others join by an invitation. Open invitations that the member
    could not make any more are taken back.

    Raises UnknownSubject, PermissionDenied, LastOwner, and WallError where the wall has just been removed.
    """
    await share_wall(db, wall)
    await must_be_allowed(db, by, wall, Permission.MEMBERS)
    account, member = await _lock(db, wall, account_id, must_exist=isinstance(by, Principal))
    before = Role(member.role) if member is not None else None
    for each in {before or role, role}:
        await must_be_allowed(db, by, wall, needed_to_give(each))
    if before == role:
        return
    if before == Role.OWNER:
        await _keep_an_owner(db, wall, account)
    if member is None:
        member = Membership(wall_id=stored_id(wall), account_id=stored_id(account), role=role, joined_at=at)
    member.role = role
    db.add(member)
    await db.flush()
    await take_back_ungivable(db, wall, account, permissions_of(role), at)
    await record(db, actor_of(by), Action.CHANGE, [_change(wall, account, before or "", role)])


async def remove_member(db: AsyncSession, wall: Wall, account_id: int, *, by: By, at: datetime) -> None:
    """Remove a member, and take back the open invitations that the member has made. Every member may leave.

    Raises UnknownSubject, PermissionDenied, LastOwner, and WallError where the wall has just been removed.
    """
    await share_wall(db, wall)
    leaves = isinstance(by, Principal) and by.session is not None and by.account.id == account_id
    if not leaves:
        await must_be_allowed(db, by, wall, Permission.MEMBERS)
    account, member = await _lock(db, wall, account_id, must_exist=True)
    assert member is not None  # noqa: S101  # as `must_exist` says
    before = Role(member.role)
    if not leaves:
        await must_be_allowed(db, by, wall, needed_to_give(before))
    if before == Role.OWNER:
        await _keep_an_owner(db, wall, account)
    await db.delete(member)
    await db.flush()
    await take_back_ungivable(db, wall, account, frozenset(), at)
    await record(db, actor_of(by), Action.REMOVE, [_change(wall, account, before, "")])


async def _lock(
    db: AsyncSession, wall: Wall, account_id: int, *, must_exist: bool
) -> tuple[Account, Membership | None]:
    """Return the account and its membership, locked with all members of the wall. Raises UnknownSubject."""
    account = await lock_account(db, account_id)
    locking = select(Membership).where(Membership.wall_id == wall.id).order_by(col(Membership.account_id))
    members = await db.exec(locking.with_for_update().execution_options(populate_existing=True))
    member = next((each for each in members if each.account_id == account_id), None)
    if member is None and must_exist:
        raise UnknownSubject(f"There is no member {account_id} on “{wall.slug}”.")
    return account, member


async def _keep_an_owner(db: AsyncSession, wall: Wall, leaving: Account) -> None:
    others = (
        select(Account.id)
        .join(Membership)
        .where(
            Membership.wall_id == wall.id,
            Membership.role == Role.OWNER,
            Membership.account_id != leaving.id,
            col(Account.disabled_at).is_(None),
        )
    )
    if (await db.exec(others)).first() is None:
        raise LastOwner(f"“{leaving.login}” is the last owner of “{wall.slug}”: make another member an owner first.")


def _change(wall: Wall, account: Account, before: str, after: str) -> Change:
    return Change(wall.id, SubjectKind.MEMBER, account.login, str(before), str(after))
