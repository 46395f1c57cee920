"""Challenges: posed in the first step of a way to sign in, and answered once, soon, in its second."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.errors import ChallengeEnded
from aggregator.accounts.secret_tokens import digest, new_secret
from aggregator.accounts.way_tables import Challenge
from aggregator.store.store import Store

CHALLENGE_LIFETIME: Final = timedelta(minutes=5)
"""From the first step to the second: a person looks for the phone meanwhile, or types a password elsewhere."""


class Purpose(StrEnum):
    """What a challenge is for. An answer counts for this alone."""

    USE_PASSKEY = "use_passkey"
    ADD_PASSKEY = "add_passkey"
    NEW_ACCOUNT = "new_account"
    ORGANISATION = "organisation"


async def pose(db: AsyncSession, purpose: Purpose, at: datetime, details: Mapping[str, Any] | None = None) -> str:
    """Return the secret of a new challenge. Expired ones are deleted with it."""
    expired = select(Challenge.token_hash).where(col(Challenge.expires_at) <= at).with_for_update(skip_locked=True)
    await db.exec(delete(Challenge).where(col(Challenge.token_hash).in_(expired)))
    secret = new_secret()
    expires_at = at + CHALLENGE_LIFETIME
    db.add(Challenge(token_hash=digest(secret), purpose=purpose, details=dict(details or {}), expires_at=expires_at))
    await db.flush()
    return secret


async def answered(store: Store, secret: str, purpose: Purpose, at: datetime) -> dict[str, Any]:
    """Use a challenge up, and return its details. It is used up even if the answer turns out to be wrong.

    Raises ChallengeEnded where it is unknown, was used, has expired or is for something else.
    """
    mine = col(Challenge.token_hash) == digest(secret)
    async with store.write() as db:
        found = (await db.exec(select(Challenge).where(mine).with_for_update())).first()
        await db.exec(delete(Challenge).where(mine))
    if found is None or found.purpose != purpose or found.expires_at <= at:
        raise ChallengeEnded
    return found.details
