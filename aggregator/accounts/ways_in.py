"""The ways into an account: it always has one."""

from __future__ import annotations

from typing import NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.tables import Account
from aggregator.accounts.way_tables import Identity, Passkey


class Ways(NamedTuple):
    """By what an account can sign in, and confirm that it is still the same person."""

    password: bool
    passkey: bool
    organisation: bool


async def ways_of(db: AsyncSession, account: Account) -> Ways:
    """Return the ways into an account."""
    passkey = (await db.exec(select(Passkey.id).where(Passkey.account_id == account.id).limit(1))).first()
    return Ways(account.password_hash is not None, passkey is not None, await is_linked(db, account))


async def is_linked(db: AsyncSession, account: Account) -> bool:
    """Whether the account belongs to somebody in an organisation, by whose provider it can sign in."""
    return (
        await db.exec(select(Identity.subject).where(Identity.account_id == account.id).limit(1))
    ).first() is not None


async def has_way_besides(db: AsyncSession, account: Account, passkey: Passkey) -> bool:
    """Whether a locked account can sign in without this passkey."""
    if account.password_hash is not None or await is_linked(db, account):
        return True
    others = select(Passkey.id).where(Passkey.account_id == account.id, col(Passkey.id) != passkey.id)
    return (await db.exec(others.limit(1))).first() is not None
