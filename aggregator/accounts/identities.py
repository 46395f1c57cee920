"""Which account belongs to whom at an OpenID provider: found, connected, or made with the first log-in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.errors import AccountUnconnected, ChallengeEnded, ConnectedElsewhere, InvalidDetails
from aggregator.accounts.logins import MAX_NAME, check_login, check_name
from aggregator.accounts.lookup import account_change, add_account, is_taken, lock_account
from aggregator.accounts.organisation import Claims, Organisation, verified_email
from aggregator.accounts.secret_tokens import new_id
from aggregator.accounts.tables import Account
from aggregator.accounts.way_tables import Identity
from aggregator.audit.tables import Action
from aggregator.audit.trail import record
from aggregator.store.sql import stored_id


async def account_for(
    db: AsyncSession, organisation: Organisation, claims: Claims, at: datetime, *, link: Account | None = None
) -> Account:
    """Return the account of this person: the connected one, else `link`, which is connected now, else a new one.

    An account that is not connected is never taken over. Raises AccountUnconnected, ConnectedElsewhere, ChallengeEnded.
    """
    key = (organisation.issuer, claims["sub"])
    identity = await db.get(Identity, key, with_for_update=True)
    if identity is not None:
        if link is not None and identity.account_id != link.id:
            raise ConnectedElsewhere
        identity.used_at = at
        db.add(identity)
        return await lock_account(db, identity.account_id)
    account = await _new(db, organisation, claims) if link is None else await lock_account(db, link.id)
    db.add(Identity(issuer=key[0], subject=key[1], account_id=stored_id(account), created_at=at, used_at=at))
    try:
        await db.flush()
    except IntegrityError:  # the same person, a moment earlier
        raise ChallengeEnded from None
    if link is not None:
        await record(db, account.actor, Action.CHANGE, [account_change(account, after=f"connected: {key[0]}")])
    return account


async def has_identity(db: AsyncSession, organisation: Organisation, account: Account) -> bool:
    """Whether the account can sign in through this organisation."""
    query = select(Identity.subject).where(Identity.account_id == account.id, Identity.issuer == organisation.issuer)
    return (await db.exec(query.limit(1))).first() is not None


async def _new(db: AsyncSession, organisation: Organisation, claims: Claims) -> Account:
    login = _login(claims)
    if await is_taken(db, login):
        raise AccountUnconnected(login)
    return await add_account(db, login, _name(claims, login), None, why=f"by {organisation.issuer}")


def _login(claims: Claims) -> str:
    """Return the verified e-mail address or the provider's user name as a login, else a random one."""
    for each in (verified_email(claims), claims.get("preferred_username")):
        try:
            return check_login(each if isinstance(each, str) else "")
        except InvalidDetails:
            continue
    return check_login(f"member-{new_id()}")


def _name(claims: Claims, login: str) -> str:
    try:
        return check_name(str(claims.get("name") or login)[:MAX_NAME])
    except InvalidDetails:
        return login[:MAX_NAME]
