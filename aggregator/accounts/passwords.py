"""Logging in, confirming and changing a password. Passwords are verified while no transaction is open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.access import Principal
from aggregator.accounts.errors import LoginFailed, WrongPassword
from aggregator.accounts.hasher import Hasher
from aggregator.accounts.log_ins import WayIn, record_log_in
from aggregator.accounts.lookup import account_by_login, account_change, lock_account
from aggregator.accounts.sessions import NewSession, confirm_session, end_sessions, log_out, start_session
from aggregator.accounts.tables import Account, OneTimeLink
from aggregator.audit.tables import Action
from aggregator.audit.trail import record
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.walls import list_walls

MAX_WALLS = 50
"""Walls whose words a password may not be made of."""


async def log_in(
    store: Store, hasher: Hasher, login: str, password: str, *, user_agent: str, earlier: str, at: datetime
) -> NewSession:
    """Begin a session. The one with the token `earlier`, which the browser has sent, ends: no token outlives a log-in.

    Raises LoginFailed, after the same work whether the account exists or not, and HasherBusy.
    """
    async with store.read() as db:
        account = await account_by_login(db, login)
    stored = account.password_hash if account is not None else None
    verdict = await hasher.verify(password, stored)
    if account is None or not verdict.is_right:
        raise LoginFailed
    async with store.write() as db:
        current = await lock_account(db, account.id)
        if current.disabled_at is not None or current.password_hash != stored:
            raise LoginFailed
        current.password_hash = verdict.new_hash or stored
        await log_out(db, earlier)
        await record_log_in(db, current, WayIn.PASSWORD)
        return await start_session(db, current, user_agent, at)


async def confirm(store: Store, hasher: Hasher, principal: Principal, password: str, at: datetime) -> None:
    """Note that the password was typed again in this session. Raises WrongPassword, HasherBusy."""
    await _verify(hasher, principal, password)
    if principal.session is not None:
        async with store.write() as db:
            await confirm_session(db, principal.session, at)
        principal.session.confirmed_at = at


async def change_password(
    store: Store, hasher: Hasher, principal: Principal, current: str, new: str, *, user_agent: str, at: datetime
) -> NewSession:
    """Set a new password and end all sessions, this one included; return the session that replaces it.

    An account without a password has no `current` one: ask for another confirmation first.
    Raises WrongPassword, InvalidDetails, HasherBusy.
    """
    if principal.account.password_hash is not None:
        await _verify(hasher, principal, current)
    account = principal.account
    password_hash = await hash_new_password(store, hasher, new, account.login, account.name)
    async with store.write() as db:
        locked = await lock_account(db, account.id)
        if locked.disabled_at is not None or locked.password_hash != account.password_hash:
            raise WrongPassword
        await set_password(db, locked, password_hash)
        return await start_session(db, locked, user_agent, at)


async def hash_new_password(store: Store, hasher: Hasher, password: str, *about: str) -> str:
    """Return the hash of a password that the policy takes. `about` are words about the person.

    Raises InvalidDetails, HasherBusy.
    """
    async with store.read() as db:
        walls = (await list_walls(db))[:MAX_WALLS]
    words = [*about, *(word for wall in walls for word in (wall.slug, wall.name, wall.hashtag))]
    return await hasher.hash_new(password, words)


async def set_password(db: AsyncSession, account: Account, password_hash: str) -> None:
    """Set the password of a locked account, end its sessions and links, and record it."""
    account.password_hash = password_hash
    db.add(account)
    await db.flush()
    await end_sessions(db, stored_id(account))
    await db.exec(delete(OneTimeLink).where(col(OneTimeLink.account_id) == account.id))
    await record(db, account.actor, Action.SET_PASSWORD, [account_change(account)])


async def _verify(hasher: Hasher, principal: Principal, password: str) -> None:
    if not (await hasher.verify(password, principal.account.password_hash)).is_right:
        raise WrongPassword
