"""Invitations to a role on a wall: made, listed, taken back, and used once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.access import By, Principal, actor_of, must_be_allowed
from aggregator.accounts.errors import InvalidDetails, InvalidLink, UnknownSubject
from aggregator.accounts.roles import Permission, Role, needed_to_give
from aggregator.accounts.secret_tokens import digest, new_secret
from aggregator.accounts.tables import Account, Invitation
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.store.sql import stored_id
from aggregator.walls.lock import share_wall
from aggregator.walls.tables import Wall

INVITATION_LIFETIME: Final = timedelta(days=7)
MAX_OPEN: Final = 100
"""Open invitations to one wall."""


class NewInvitation(NamedTuple):
    """An invitation, and the secret that its link carries."""

    invitation: Invitation
    token: str


async def invite(db: AsyncSession, wall: Wall, role: Role, *, by: By, at: datetime) -> NewInvitation:
    """Make an invitation. Raises PermissionDenied, InvalidDetails where too many are open, and WallError."""
    await share_wall(db, wall)
    await must_be_allowed(db, by, wall, Permission.MEMBERS)
    await must_be_allowed(db, by, wall, needed_to_give(role))
    if len(await list_invitations(db, wall, at)) >= MAX_OPEN:
        raise InvalidDetails(f"{MAX_OPEN} invitations to “{wall.slug}” are open: take some back first.")
    token = new_secret()
    invitation = Invitation(
        token_hash=digest(token),
        wall_id=stored_id(wall),
        role=role,
        made_by=by.account.id if isinstance(by, Principal) else None,
        created_at=at,
        expires_at=at + INVITATION_LIFETIME,
    )
    db.add(invitation)
    await db.flush()
    await record(db, actor_of(by), Action.INVITE, [_change(invitation, after=role)])
    return NewInvitation(invitation, token)


async def list_invitations(db: AsyncSession, wall: Wall, at: datetime) -> Sequence[tuple[Invitation, str | None]]:
    """Return the open invitations to a wall, the newest first, each with the login of the account that made it."""
    maker = col(Invitation.made_by) == col(Account.id)
    query = select(Invitation, Account.login).join(Account, maker, isouter=True)
    open_ones = query.where(Invitation.wall_id == wall.id, *_is_open(at))
    return list(await db.exec(open_ones.order_by(col(Invitation.created_at).desc(), col(Invitation.id))))


async def take_back(db: AsyncSession, wall: Wall, invitation_id: str, *, by: By, at: datetime) -> None:
    """Take an open invitation back. Raises UnknownSubject, PermissionDenied, WallError."""
    await share_wall(db, wall)
    await must_be_allowed(db, by, wall, Permission.MEMBERS)
    here = (col(Invitation.id) == invitation_id, col(Invitation.wall_id) == wall.id, *_is_open(at))
    invitation = (await db.exec(select(Invitation).where(*here).with_for_update())).first()
    if invitation is None:
        raise UnknownSubject("There is no such open invitation: it may have been used already.")
    await must_be_allowed(db, by, wall, needed_to_give(Role(invitation.role)))
    invitation.taken_back_at = at
    db.add(invitation)
    await record(db, actor_of(by), Action.REVOKE, [_change(invitation, before=invitation.role)])


async def take_back_ungivable(
    db: AsyncSession, wall: Wall, account: Account, permissions: frozenset[Permission], at: datetime
) -> None:
    """Take back the account's open invitations to roles that it may not give any more with these permissions."""
    if not account.is_admin:
        roles = [role for role in Role if needed_to_give(role) not in permissions]
        await _take_back_all(db, at, col(Invitation.wall_id) == wall.id, _made_by(account), _to_roles(roles))


async def take_back_made_by(db: AsyncSession, account: Account, at: datetime) -> None:
    """Take back all open invitations that the account has made."""
    await _take_back_all(db, at, _made_by(account))


async def find_invitation(db: AsyncSession, token: str, at: datetime) -> tuple[Invitation, Wall]:
    """Return the open invitation with this secret, and its wall. Raises InvalidLink."""
    query = select(Invitation, Wall).join(Wall).where(Invitation.token_hash == digest(token), *_is_open(at))
    found = (await db.exec(query)).first()
    if found is None:
        raise InvalidLink
    return found


async def use_up(db: AsyncSession, invitation: Invitation, account: Account, at: datetime) -> None:
    """Mark the invitation as used by this account. Of several at once one wins, the others get InvalidLink."""
    used = update(Invitation).where(col(Invitation.id) == invitation.id, *_is_open(at))
    if not (await db.exec(used.values(used_by=account.id, used_at=at))).rowcount:
        raise InvalidLink


async def _take_back_all(db: AsyncSession, at: datetime, *which: ColumnElement[bool]) -> None:
    await db.exec(update(Invitation).where(*which, *_is_open(at)).values(taken_back_at=at))


def _made_by(account: Account) -> ColumnElement[bool]:
    return col(Invitation.made_by) == account.id


def _to_roles(roles: Sequence[Role]) -> ColumnElement[bool]:
    return col(Invitation.role).in_(roles)


def _is_open(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Invitation.taken_back_at).is_(None),
        col(Invitation.used_at).is_(None),
        col(Invitation.expires_at) > at,
    )


def _change(invitation: Invitation, before: str = "", after: str = "") -> Change:
    return Change(invitation.wall_id, SubjectKind.INVITATION, invitation.id, str(before), str(after))
