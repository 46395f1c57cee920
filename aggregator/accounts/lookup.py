"""Finding accounts, and adding one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.errors import LoginTaken, UnknownSubject
from aggregator.accounts.logins import MAX_LOGIN, fold
from aggregator.accounts.tables import Account, FormerLogin
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.store.sql import LARGEST_ID

TAKEN = "The login “{}” is taken: choose another, or log in with it."


async def account_by_login(db: AsyncSession, login: str) -> Account | None:
    """Return the account with this login, in any spelling, disabled ones included."""
    folded = fold(login)
    if "\0" in folded or len(folded) > MAX_LOGIN:  # PostgreSQL refuses such a text even in a query
        return None
    return (await db.exec(select(Account).where(Account.login == folded))).first()


async def find_account(db: AsyncSession, login: str) -> Account:
    """Return the account with this login. Raises UnknownSubject."""
    account = await account_by_login(db, login)
    if account is None:
        raise UnknownSubject(f"There is no account “{login}”: `backchannel account list` lists them.")
    return account


async def lock_account(db: AsyncSession, account_id: int | None) -> Account:
    """Return the account as it is now, locked until the transaction ends. Raises UnknownSubject.

    Writers lock in one order: the wall (`aggregator.walls.lock`), the account, the wall's members, then sessions,
    links, invitations and API tokens.
    """
    locking = select(Account).where(Account.id == account_id).with_for_update(key_share=True)
    there = account_id is not None and 0 < account_id <= LARGEST_ID
    account = (await db.exec(locking.execution_options(populate_existing=True))).first() if there else None
    if account is None:
        raise UnknownSubject(f"There is no account {account_id}.")
    return account


async def list_accounts(db: AsyncSession) -> Sequence[Account]:
    """Return all accounts, the oldest first."""
    return (await db.exec(select(Account).order_by(col(Account.id)))).all()


async def has_accounts(db: AsyncSession) -> bool:
    """Whether anybody can sign in, or could before being disabled."""
    return (await db.exec(select(Account.id).limit(1))).first() is not None


async def add_account(
    db: AsyncSession, login: str, name: str, password_hash: str | None, *, is_admin: bool = False, why: str = ""
) -> Account:
    """Add an account with a checked login and name, and record that it made itself. Raises LoginTaken."""
    account = Account(login=login, name=name, password_hash=password_hash, is_admin=is_admin)
    if await is_taken(db, login):
        raise LoginTaken(TAKEN.format(login))
    db.add(account)
    await flush_login(db, login)
    await record(db, account.actor, Action.CREATE, [account_change(account, "", rights(account))], why)
    return account


async def is_taken(db: AsyncSession, login: str, but_by: Account | None = None) -> bool:
    """Whether a checked login belongs, or has belonged, to an account, other than `but_by`."""
    own = but_by.id if but_by is not None else None
    owners = select(Account.id).where(Account.login == login)
    former = select(FormerLogin.account_id).where(FormerLogin.login == login)
    found = [*(await db.exec(owners)), *(await db.exec(former))]
    return any(owner != own for owner in found)


async def flush_login(db: AsyncSession, login: str) -> None:
    """Write an account with a new login. Raises LoginTaken where another writer was faster."""
    try:
        await db.flush()
    except IntegrityError:
        raise LoginTaken(TAKEN.format(login)) from None


def account_change(account: Account, before: str = "", after: str = "") -> Change:
    """Return what the audit trail says of a change of an account."""
    return Change(None, SubjectKind.ACCOUNT, account.login, before, after)


def rights(account: Account) -> str:
    """Return an account's rights on the whole server in one word."""
    return "admin" if account.is_admin else "none"
