"""Signing in by a passkey, without a user name, and confirming by one that it is the same person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.access import Principal
from aggregator.accounts.authenticators import Answer, InvalidAnswer, challenge_of, request_options, verify_use
from aggregator.accounts.challenges import Purpose, answered, pose
from aggregator.accounts.errors import PasskeyRefused, WrongPasskey
from aggregator.accounts.log_ins import WayIn, record_log_in
from aggregator.accounts.lookup import lock_account
from aggregator.accounts.relying_party import RelyingParty
from aggregator.accounts.sessions import NewSession, confirm_session, log_out, start_session
from aggregator.accounts.tables import Account
from aggregator.accounts.way_tables import Passkey
from aggregator.store.store import Store


async def ask_for_passkey(db: AsyncSession, party: RelyingParty, at: datetime) -> dict[str, Any]:
    """Return the options by which a browser uses a passkey. They are the same for everybody."""
    return request_options(party, await pose(db, Purpose.USE_PASSKEY, at))


async def log_in_by_passkey(
    store: Store, party: RelyingParty, answer: Answer, *, user_agent: str, earlier: str, at: datetime
) -> NewSession:
    """Begin a session. The one with the token `earlier`, which the browser has sent, ends.

    Raises PasskeyRefused, the same for all reasons, and ChallengeEnded.
    """
    try:
        challenge = await _answered(store, answer, at)
        async with store.write() as db:
            account = await _used(db, party, answer, challenge, at)
            await log_out(db, earlier)
            await record_log_in(db, account, WayIn.PASSKEY)
            return await start_session(db, account, user_agent, at)
    except InvalidAnswer:
        raise PasskeyRefused from None


async def confirm_by_passkey(
    store: Store, party: RelyingParty, principal: Principal, answer: Answer, at: datetime
) -> None:
    """Note that a passkey of this very account was used in this session. Raises WrongPasskey, ChallengeEnded."""
    try:
        challenge = await _answered(store, answer, at)
        async with store.write() as db:
            account = await _used(db, party, answer, challenge, at)
            if account.id != principal.account.id or principal.session is None:
                raise WrongPasskey
            await confirm_session(db, principal.session, at)
        principal.session.confirmed_at = at
    except InvalidAnswer:
        raise WrongPasskey from None


async def _answered(store: Store, answer: Answer, at: datetime) -> str:
    """Return the challenge of an answer, which is used up. Raises InvalidAnswer, ChallengeEnded."""
    challenge = challenge_of(answer)
    await answered(store, challenge, Purpose.USE_PASSKEY, at)
    return challenge


async def _used(db: AsyncSession, party: RelyingParty, answer: Answer, challenge: str, at: datetime) -> Account:
    """Return the locked account whose passkey this is, and note its use. Raises InvalidAnswer."""
    query = select(Passkey).where(Passkey.credential_id == answer["id"])
    found = (await db.exec(query)).first()
    if found is None:
        raise InvalidAnswer("unknown credential")
    account = await lock_account(db, found.account_id)
    passkey = (await db.exec(query.with_for_update().execution_options(populate_existing=True))).first()
    if passkey is None or account.disabled_at is not None:
        raise InvalidAnswer("removed or disabled")
    if answer["response"].get("userHandle") != passkey.user_handle:
        raise InvalidAnswer("another user handle")
    passkey.sign_count = verify_use(party, answer, challenge, passkey.public_key, passkey.sign_count)
    passkey.used_at = at
    db.add(passkey)
    return account
