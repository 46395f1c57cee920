"""What the server's operator does with accounts: disable them, enable them, and make administrators."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.api_tokens import revoke_tokens
from aggregator.accounts.invitations import take_back_made_by
from aggregator.accounts.lookup import account_change, lock_account, rights
from aggregator.accounts.sessions import end_sessions
from aggregator.accounts.tables import Account, LoginSession, OneTimeLink
from aggregator.accounts.way_tables import Challenge
from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import record
from aggregator.store.sql import stored_id


async def disable_account(db: AsyncSession, account: Account, by: Actor, at: datetime) -> None:
    """Let an account do nothing any more. Its sessions, API tokens, links and open invitations end.

    Its roles stay, for the day when it is enabled again.
    """
    locked = await lock_account(db, account.id)
    await end_sessions(db, stored_id(locked))
    await revoke_tokens(db, locked)
    await take_back_made_by(db, locked, at)
    await db.exec(delete(OneTimeLink).where(col(OneTimeLink.account_id) == locked.id))
    if locked.disabled_at is None:
        locked.disabled_at = at
        db.add(locked)
        await record(db, by, Action.DISABLE, [account_change(locked)])


async def enable_account(db: AsyncSession, account: Account, by: Actor) -> None:
    """Let a disabled account sign in again."""
    locked = await lock_account(db, account.id)
    if locked.disabled_at is not None:
        locked.disabled_at = None
        db.add(locked)
        await record(db, by, Action.ENABLE, [account_change(locked)])


async def end_everything(db: AsyncSession) -> None:
    """End the sessions and the one-time links of all accounts, and what is half done."""
    for each in (LoginSession, OneTimeLink, Challenge):
        await db.exec(delete(each))


async def set_admin(db: AsyncSession, account: Account, by: Actor, at: datetime, *, is_admin: bool) -> None:
    """Give an account every permission on every wall, or take them away with its open invitations; roles stay."""
    locked = await lock_account(db, account.id)
    before = rights(locked)
    if locked.is_admin != is_admin:
        locked.is_admin = is_admin
        db.add(locked)
        if not is_admin:
            await take_back_made_by(db, locked, at)
        await record(db, by, Action.CHANGE, [account_change(locked, before, rights(locked))])
