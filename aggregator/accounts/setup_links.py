"""One-time links, which only the server's operator can make: to the first account, or to a new password."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.authenticators import NewPasskey
from aggregator.accounts.errors import InvalidDetails, InvalidLink
from aggregator.accounts.hasher import Hasher
from aggregator.accounts.logins import check_login, check_name
from aggregator.accounts.lookup import account_change, add_account, has_accounts, lock_account
from aggregator.accounts.passkeys import FIRST_PASSKEY, store_passkey
from aggregator.accounts.passwords import hash_new_password, set_password
from aggregator.accounts.secret_tokens import digest, new_secret
from aggregator.accounts.sessions import NewSession, start_session
from aggregator.accounts.tables import Account, OneTimeLink
from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.store.store import Store

LINK_LIFETIME: Final = timedelta(hours=24)
_FIRST = col(OneTimeLink.account_id).is_(None)


class NewLink(NamedTuple):
    """The secret of a one-time link, and its end."""

    token: str
    expires_at: datetime


class OpenLink(NamedTuple):
    """A one-time link that can be used. `account` is whose password it sets; None for the first account."""

    account: Account | None
    expires_at: datetime


async def make_first_link(db: AsyncSession, by: Actor, at: datetime) -> NewLink | None:
    """Return a link to the first account, the server's administrator; None if there are accounts.

    Earlier links stay valid: each of several servers prints its own. With the first account all end.
    """
    if await has_accounts(db):
        return None
    await record(db, by, Action.MAKE_LINK, [Change(None, SubjectKind.ACCOUNT, "", after="first account")])
    return await _make(db, None, at)


async def make_password_link(db: AsyncSession, account: Account, by: Actor, at: datetime) -> NewLink:
    """Return a link to a new password, which replaces earlier links of this account. Raises InvalidDetails."""
    account = await lock_account(db, account.id)
    if account.disabled_at is not None:
        raise InvalidDetails(f"The account “{account.login}” is disabled: enable it first.")
    await db.exec(delete(OneTimeLink).where(col(OneTimeLink.account_id) == account.id))
    await record(db, by, Action.MAKE_LINK, [account_change(account, after="new password")])
    return await _make(db, account.id, at)


async def read_link(db: AsyncSession, token: str, at: datetime) -> OpenLink:
    """Return the link with this secret without using it. Raises InvalidLink."""
    link = (await db.exec(select(OneTimeLink).where(*_open(token, at)))).first()
    if link is None:
        raise InvalidLink
    if link.account_id is not None:
        return OpenLink(await db.get_one(Account, link.account_id), link.expires_at)
    if await has_accounts(db):
        raise InvalidLink
    return OpenLink(None, link.expires_at)


async def use_link(
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
    """Make the first account, or set a new password, and begin a session.

    `login` and `name` are the first account's, which may have a passkey instead of a password.
    Raises InvalidLink, InvalidDetails, HasherBusy.
    """
    async with store.read() as db:
        link = await read_link(db, token, at)
    if link.account is not None:
        login, name = link.account.login, link.account.name
    else:
        login, name = check_login(login), check_name(name)
    is_keyed = link.account is None and passkey is not None
    password_hash = None if is_keyed else await hash_new_password(store, hasher, password, login, name)
    async with store.write() as db:
        if link.account is not None and password_hash is not None:
            account = await lock_account(db, link.account.id)
            await _use_up(db, token, at)
            await set_password(db, account, password_hash)
        else:
            await _use_up_first(db, token, at)
            account = await add_account(db, login, name, password_hash, is_admin=True, why="by a one-time link")
            if passkey is not None:
                await store_passkey(db, account, passkey, FIRST_PASSKEY, at)
        return await start_session(db, account, user_agent, at)


async def _use_up(db: AsyncSession, token: str, at: datetime) -> None:
    """Delete the link. Raises InvalidLink where another has used it, or where its account has been disabled."""
    if not (await db.exec(delete(OneTimeLink).where(*_open(token, at)))).rowcount:
        raise InvalidLink


async def _use_up_first(db: AsyncSession, token: str, at: datetime) -> None:
    """Delete all links to the first account: they are locked together, so that of several users one wins."""
    await db.exec(select(OneTimeLink).where(_FIRST).order_by(col(OneTimeLink.token_hash)).with_for_update())
    await _use_up(db, token, at)
    if await has_accounts(db):
        raise InvalidLink
    await db.exec(delete(OneTimeLink).where(_FIRST))


async def _make(db: AsyncSession, account_id: int | None, at: datetime) -> NewLink:
    expired = select(OneTimeLink.token_hash).where(col(OneTimeLink.expires_at) <= at).with_for_update(skip_locked=True)
    await db.exec(delete(OneTimeLink).where(col(OneTimeLink.token_hash).in_(expired)))
    token, expires_at = new_secret(), at + LINK_LIFETIME
    db.add(OneTimeLink(token_hash=digest(token), account_id=account_id, created_at=at, expires_at=expires_at))
    await db.flush()
    return NewLink(token, expires_at)


def _open(token: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(OneTimeLink.token_hash) == digest(token), col(OneTimeLink.expires_at) > at
