"""Accepting an invitation, with the account that is signed in or with a new one."""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.access import Principal
from aggregator.accounts.authenticators import NewPasskey
from aggregator.accounts.errors import AlreadyMember, InvalidLink, LoginTaken
from aggregator.accounts.hasher import Hasher
from aggregator.accounts.invitations import find_invitation, use_up
from aggregator.accounts.logins import check_login, check_name
from aggregator.accounts.lookup import account_by_login, add_account, lock_account
from aggregator.accounts.passkeys import FIRST_PASSKEY, store_passkey
from aggregator.accounts.passwords import hash_new_password
from aggregator.accounts.roles import Role, rank
from aggregator.accounts.sessions import NewSession, start_session
from aggregator.accounts.tables import Account, Invitation, Membership
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.errors import WallError
from aggregator.walls.lock import share_wall
from aggregator.walls.tables import Wall

TAKEN = "The login “{}” is taken: choose another, or log in with it and open the invitation again."


async def join(db: AsyncSession, token: str, principal: Principal, at: datetime) -> Wall:
    """Accept an invitation with the signed-in account; return its wall.

    A higher role than the member's replaces it. Raises InvalidLink, AlreadyMember.
    """
    invitation, wall = await _shared(db, token, at)
    account = await lock_account(db, principal.account.id)
    if account.disabled_at is not None:
        raise InvalidLink
    await _become_member(db, wall, account, invitation, at)
    return wall


async def join_as_new(
    store: Store,
    hasher: Hasher,
    token: str,
    password: str,
    *,
    login: str,
    name: str,
    passkey: NewPasskey | None = None,
    user_agent: str,
    at: datetime,
) -> NewSession:
    """Accept an invitation with a new account, which may have a passkey instead of a password; begin its first session.

    Raises InvalidLink, InvalidDetails, LoginTaken, HasherBusy.
    """
    async with store.read() as db:
        await find_invitation(db, token, at)
        login, name = check_login(login), check_name(name)
        if await account_by_login(db, login) is not None:
            raise LoginTaken(TAKEN.format(login))
    password_hash = None if passkey else await hash_new_password(store, hasher, password, login, name)
    async with store.write() as db:
        invitation, wall = await _shared(db, token, at)
        account = await add_account(db, login, name, password_hash, why=f"invitation {invitation.id}")
        if passkey is not None:
            await store_passkey(db, account, passkey, FIRST_PASSKEY, at)
        await _become_member(db, wall, account, invitation, at)
        return await start_session(db, account, user_agent, at)


async def _shared(db: AsyncSession, token: str, at: datetime) -> tuple[Invitation, Wall]:
    """Return the invitation and its wall, which cannot be removed until the transaction ends. Raises InvalidLink."""
    invitation, wall = await find_invitation(db, token, at)
    try:
        await share_wall(db, wall)
    except WallError:
        raise InvalidLink from None
    return invitation, wall


async def _become_member(db: AsyncSession, wall: Wall, account: Account, invitation: Invitation, at: datetime) -> None:
    key = (stored_id(wall), stored_id(account))
    member = await db.get(Membership, key, with_for_update=True, populate_existing=True)
    role, before = Role(invitation.role), Role(member.role) if member is not None else None
    if before is not None and rank(before) >= rank(role):
        raise AlreadyMember(f"You are a member of “{wall.slug}” already, as its {before}.")
    await use_up(db, invitation, account, at)
    if member is None:
        member = Membership(wall_id=key[0], account_id=key[1], role=role, joined_at=at)
    member.role = role
    db.add(member)
    await db.flush()
    change = Change(wall.id, SubjectKind.MEMBER, account.login, str(before or ""), str(role))
    await record(db, account.actor, Action.ACCEPT, [change], f"invitation {invitation.id}")
