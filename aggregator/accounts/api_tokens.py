"""API tokens: made once, shown once, listed, and revoked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import delete, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.access import Principal
from aggregator.accounts.errors import InvalidDetails, UnknownSubject
from aggregator.accounts.logins import check_name
from aggregator.accounts.lookup import lock_account
from aggregator.accounts.roles import EVERYTHING, Permission
from aggregator.accounts.secret_tokens import digest, new_secret
from aggregator.accounts.tables import Account, ApiToken
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.store.sql import stored_id

PREFIX: Final = "bc_"
MAX_LIFETIME: Final = timedelta(days=366)
MAX_TOKENS: Final = 50
"""Tokens of one account."""


class NewApiToken(NamedTuple):
    """An API token, and its secret, which is not stored."""

    token: ApiToken
    secret: str


async def make_token(
    db: AsyncSession,
    principal: Principal,
    *,
    name: str,
    scopes: Collection[Permission],
    lifetime: timedelta,
    at: datetime,
) -> NewApiToken:
    """Make a token that acts for the account, as far as the scopes and its roles allow. Raises InvalidDetails."""
    if not scopes:
        raise InvalidDetails("A token needs a scope: name at least one.")
    if not timedelta(0) < lifetime <= MAX_LIFETIME:
        raise InvalidDetails(f"A token lasts for {MAX_LIFETIME.days} days or less: make a new one then.")
    account = await lock_account(db, principal.account.id)
    count = select(func.count()).select_from(ApiToken).where(ApiToken.account_id == account.id)
    if (await db.exec(count)).one() >= MAX_TOKENS:
        raise InvalidDetails(f"An account has {MAX_TOKENS} tokens or fewer: revoke some first.")
    secret = new_secret(PREFIX)
    token = ApiToken(
        account_id=stored_id(account),
        name=check_name(name),
        token_hash=digest(secret),
        scopes=[each for each in Permission if each in scopes],
        created_at=at,
        expires_at=at + lifetime,
    )
    db.add(token)
    await db.flush()
    await record(db, principal.actor, Action.CREATE, [_change(token, after=" ".join(token.scopes))])
    return NewApiToken(token, secret)


async def list_tokens(db: AsyncSession, account: Account) -> Sequence[ApiToken]:
    """Return the account's tokens, expired ones included, the newest first."""
    query = select(ApiToken).where(ApiToken.account_id == account.id)
    return (await db.exec(query.order_by(col(ApiToken.created_at).desc(), col(ApiToken.id)))).all()


async def find_token(db: AsyncSession, secret: str, at: datetime) -> tuple[ApiToken, Principal] | None:
    """Return the token with this secret and who acts by it; None if it has expired or the account is disabled."""
    query = (
        select(ApiToken, Account)
        .join(Account)
        .where(ApiToken.token_hash == digest(secret), col(ApiToken.expires_at) > at, col(Account.disabled_at).is_(None))
    )
    found = (await db.exec(query)).first()
    if found is None:
        return None
    token, account = found
    return token, Principal(account, scopes=EVERYTHING & {Permission(scope) for scope in token.scopes})


async def touch_token(db: AsyncSession, token: ApiToken, at: datetime) -> None:
    """Note that a token is in use."""
    await db.exec(update(ApiToken).where(col(ApiToken.id) == token.id).values(used_at=at))


async def revoke_token(db: AsyncSession, principal: Principal, token_id: str) -> None:
    """Delete one of the principal's own tokens. Raises UnknownSubject."""
    own = (col(ApiToken.id) == token_id, col(ApiToken.account_id) == principal.account.id)
    token = (await db.exec(select(ApiToken).where(*own).with_for_update())).first()
    if token is None:
        raise UnknownSubject("There is no such token: it may have been revoked already.")
    await db.exec(delete(ApiToken).where(*own))
    await record(db, principal.actor, Action.REVOKE, [_change(token, before=" ".join(token.scopes))])


async def revoke_tokens(db: AsyncSession, account: Account) -> None:
    """Delete all tokens of an account."""
    await db.exec(delete(ApiToken).where(col(ApiToken.account_id) == account.id))


def _change(token: ApiToken, before: str = "", after: str = "") -> Change:
    return Change(None, SubjectKind.API_TOKEN, token.id, before, after)
