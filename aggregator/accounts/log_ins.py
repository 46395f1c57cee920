"""Log-ins as entries of the audit trail."""

from __future__ import annotations

from enum import StrEnum

from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.lookup import account_change
from aggregator.accounts.tables import Account
from aggregator.audit.tables import Action
from aggregator.audit.trail import record


class WayIn(StrEnum):
    """How somebody has signed in."""

    PASSWORD = "password"  # noqa: S105  # a way, not a password
    PASSKEY = "passkey"
    ORGANISATION = "organisation"


async def record_log_in(db: AsyncSession, account: Account, way: WayIn) -> None:
    """Record that the account has signed in, in the transaction that begins its session."""
    await record(db, account.actor, Action.LOG_IN, [account_change(account, after=way)])
