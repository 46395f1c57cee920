"""Log-in sessions: begun, found by their token, kept alive by use, listed and ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.access import Principal
from aggregator.accounts.errors import UnknownSubject
from aggregator.accounts.logins import fold
from aggregator.accounts.secret_tokens import digest, new_secret
from aggregator.accounts.tables import Account, LoginSession
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, forget_addresses, record
from aggregator.store.sql import stored_id

IDLE_LIFETIME: Final = timedelta(hours=24)
"""Without use. A desk stays open for the days of a conference, and not on a lent laptop for the week after it."""
LIFETIME: Final = timedelta(days=14)
TOUCH_INTERVAL: Final = timedelta(minutes=1)
"""Uses within this time are stored once, because each is a write."""
CONFIRMATION_LIFETIME: Final = timedelta(minutes=15)
"""How long a typed password permits dangerous acts."""
MAX_USER_AGENT: Final = 200
"""Characters."""


class NewSession(NamedTuple):
    """A session that has begun, its account, and the token that the browser keeps."""

    session: LoginSession
    account: Account
    token: str


async def start_session(
    db: AsyncSession, account: Account, user_agent: str, at: datetime, *, confirmed_at: datetime | None = None
) -> NewSession:
    """Begin a session with a new token. Expired sessions of all accounts, and old addresses, are deleted with it.

    `confirmed_at` is when the person has shown that it is them, if that was not just now.
    """
    expired = select(LoginSession.id).where(col(LoginSession.expires_at) <= at).with_for_update(skip_locked=True)
    await db.exec(delete(LoginSession).where(col(LoginSession.id).in_(expired)))
    token = new_secret()
    session = LoginSession(
        token_hash=digest(token),
        account_id=stored_id(account),
        user_agent="".join(c for c in user_agent if c.isprintable())[:MAX_USER_AGENT],
        created_at=at,
        used_at=at,
        confirmed_at=confirmed_at or at,
        idle_until=at + IDLE_LIFETIME,
        expires_at=at + LIFETIME,
    )
    db.add(session)
    await db.flush()
    await forget_addresses(db, at)
    return NewSession(session, account, token)


async def find_session(db: AsyncSession, token: str, at: datetime) -> Principal | None:
    """Return who is signed in by this token; None if the session has ended or the account is disabled."""
    query = (
        select(LoginSession, Account)
        .join(Account)
        .where(
            LoginSession.token_hash == digest(token),
            col(LoginSession.idle_until) > at,
            col(LoginSession.expires_at) > at,
            col(Account.disabled_at).is_(None),
        )
    )
    found = (await db.exec(query)).first()
    return Principal(found[1], found[0]) if found is not None else None


async def earlier_session(db: AsyncSession, token: str, at: datetime) -> str | None:
    """Return the id of the session, idle or not, by which this device once signed in; None if it has been ended."""
    mine = (LoginSession.token_hash == digest(token), col(LoginSession.expires_at) > at)
    return (await db.exec(select(LoginSession.id).where(*mine))).first()


async def known_device(db: AsyncSession, token: str, login: str, at: datetime) -> str | None:
    """Return the id of the session by which this device once logged in to this account, if it has not been ended.

    An idle session counts: it proves that somebody has typed the password here within its lifetime.
    """
    mine = LoginSession.token_hash == digest(token)
    query = select(LoginSession.id, Account.login).join(Account).where(mine, col(LoginSession.expires_at) > at)
    found = (await db.exec(query)).first()
    return found[0] if found is not None and found[1] == fold(login) else None


async def touch_session(db: AsyncSession, session: LoginSession, at: datetime) -> None:
    """Note that a session is in use, which moves the end of its idle time."""
    used = update(LoginSession).where(col(LoginSession.id) == session.id)
    await db.exec(used.values(used_at=at, idle_until=at + IDLE_LIFETIME))


async def confirm_session(db: AsyncSession, session: LoginSession, at: datetime) -> None:
    """Note that the password has been typed again."""
    await db.exec(update(LoginSession).where(col(LoginSession.id) == session.id).values(confirmed_at=at))


def is_confirmed(session: LoginSession, at: datetime) -> bool:
    """Whether the password was typed recently enough for dangerous acts."""
    return at - session.confirmed_at < CONFIRMATION_LIFETIME


async def list_sessions(db: AsyncSession, account: Account, at: datetime) -> Sequence[LoginSession]:
    """Return the account's sessions that can still be used, the last used first."""
    query = select(LoginSession).where(
        LoginSession.account_id == account.id, col(LoginSession.idle_until) > at, col(LoginSession.expires_at) > at
    )
    return (await db.exec(query.order_by(col(LoginSession.used_at).desc()))).all()


async def log_out(db: AsyncSession, token: str) -> None:
    """End the session with this token, if there is one."""
    await db.exec(delete(LoginSession).where(col(LoginSession.token_hash) == digest(token)))


async def end_session(db: AsyncSession, principal: Principal, session_id: str) -> None:
    """End one of the principal's own sessions. Raises UnknownSubject."""
    account = principal.account
    ended = delete(LoginSession).where(col(LoginSession.id) == session_id, col(LoginSession.account_id) == account.id)
    if not (await db.exec(ended)).rowcount:
        raise UnknownSubject("There is no such session: it may have ended already.")
    await record(db, principal.actor, Action.REVOKE, [Change(None, SubjectKind.SESSION, session_id)])


async def end_sessions(db: AsyncSession, account_id: int) -> None:
    """End all sessions of an account."""
    await db.exec(delete(LoginSession).where(col(LoginSession.account_id) == account_id))
