"""The passkeys of an account: added, listed, renamed and removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.access import Principal
from aggregator.accounts.authenticators import (
    Answer,
    InvalidAnswer,
    NewPasskey,
    challenge_of,
    creation_options,
    new_user_handle,
    verify_new,
)
from aggregator.accounts.challenges import Purpose, answered, pose
from aggregator.accounts.errors import InvalidDetails, LastWayIn, UnknownSubject
from aggregator.accounts.logins import check_login, check_name
from aggregator.accounts.lookup import lock_account
from aggregator.accounts.relying_party import RelyingParty
from aggregator.accounts.tables import Account
from aggregator.accounts.way_tables import Passkey
from aggregator.accounts.ways_in import has_way_besides
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.store.sql import stored_id
from aggregator.store.store import Store

MAX_PASSKEYS: Final = 20
"""Passkeys of one account."""
FIRST_PASSKEY: Final = "First passkey"
"""The name of the passkey with which an account was made, until its owner gives it another."""
TOO_MANY: Final = f"An account has {MAX_PASSKEYS} passkeys or fewer: remove one first."
NOT_MADE: Final = "The passkey was not registered: its answer does not fit this server. Start again."
KNOWN: Final = "This passkey is registered already."


async def offer_passkey(db: AsyncSession, party: RelyingParty, account: Account, at: datetime) -> dict[str, Any]:
    """Return the options by which a browser makes a passkey for this account. Raises InvalidDetails."""
    own = await list_passkeys(db, account)
    if len(own) >= MAX_PASSKEYS:
        raise InvalidDetails(TOO_MANY)
    handle = own[0].user_handle if own else new_user_handle()
    challenge = await pose(db, Purpose.ADD_PASSKEY, at, {"account": account.id, "user_handle": handle})
    existing = [each.credential_id for each in own]
    return creation_options(
        party, challenge, user_handle=handle, login=account.login, name=account.name, existing=existing
    )


async def offer_first_passkey(
    db: AsyncSession, party: RelyingParty, login: str, name: str, at: datetime
) -> dict[str, Any]:
    """Return the options by which a browser makes the passkey of an account that is to be. Raises InvalidDetails."""
    login, name, handle = check_login(login), check_name(name), new_user_handle()
    challenge = await pose(db, Purpose.NEW_ACCOUNT, at, {"user_handle": handle})
    return creation_options(party, challenge, user_handle=handle, login=login, name=name)


async def add_passkey(
    store: Store, party: RelyingParty, principal: Principal, answer: Answer, *, name: str, at: datetime
) -> Passkey:
    """Register the passkey that a browser has made. Raises InvalidDetails, ChallengeEnded."""
    name = check_name(name)
    made = await made_passkey(store, party, answer, Purpose.ADD_PASSKEY, at, account_id=principal.account.id)
    async with store.write() as db:
        account = await lock_account(db, principal.account.id)
        if len(await list_passkeys(db, account)) >= MAX_PASSKEYS:
            raise InvalidDetails(TOO_MANY)
        return await store_passkey(db, account, made, name, at)


async def made_passkey(
    store: Store, party: RelyingParty, answer: Answer, purpose: Purpose, at: datetime, *, account_id: int | None = None
) -> NewPasskey:
    """Return the passkey that was made for a challenge with this purpose. Raises InvalidDetails, ChallengeEnded."""
    try:
        challenge = challenge_of(answer)
        details = await answered(store, challenge, purpose, at)
        if details.get("account") != account_id:
            raise InvalidDetails(NOT_MADE)
        return verify_new(party, answer, challenge, details["user_handle"])
    except InvalidAnswer as wrong:
        raise InvalidDetails(NOT_MADE) from wrong


async def store_passkey(db: AsyncSession, account: Account, made: NewPasskey, name: str, at: datetime) -> Passkey:
    """Give a locked or new account a passkey. Raises InvalidDetails where some account has it already."""
    passkey = Passkey(account_id=stored_id(account), name=name, created_at=at, **made._asdict())
    db.add(passkey)
    try:
        await db.flush()
    except IntegrityError:
        raise InvalidDetails(KNOWN) from None
    await record(db, account.actor, Action.CREATE, [_change(passkey, after=name)])
    return passkey


async def list_passkeys(db: AsyncSession, account: Account) -> Sequence[Passkey]:
    """Return the account's passkeys in the order in which they were made."""
    query = select(Passkey).where(Passkey.account_id == account.id)
    return (await db.exec(query.order_by(col(Passkey.created_at), col(Passkey.id)))).all()


async def rename_passkey(db: AsyncSession, principal: Principal, passkey_id: str, name: str) -> Passkey:
    """Give one of the principal's own passkeys another name. Raises UnknownSubject, InvalidDetails."""
    passkey = await _own(db, principal, passkey_id)
    before, passkey.name = passkey.name, check_name(name)
    if before != passkey.name:
        db.add(passkey)
        await record(db, principal.actor, Action.CHANGE, [_change(passkey, before, passkey.name)])
    return passkey


async def remove_passkey(db: AsyncSession, principal: Principal, passkey_id: str) -> None:
    """Remove one of the principal's own passkeys. Raises UnknownSubject, and LastWayIn if it is the account's last."""
    account = await lock_account(db, principal.account.id)
    passkey = await _own(db, principal, passkey_id)
    if not await has_way_besides(db, account, passkey):
        raise LastWayIn
    await db.exec(delete(Passkey).where(col(Passkey.id) == passkey.id))
    await record(db, principal.actor, Action.REMOVE, [_change(passkey, before=passkey.name)])


async def _own(db: AsyncSession, principal: Principal, passkey_id: str) -> Passkey:
    own = (Passkey.id == passkey_id, Passkey.account_id == principal.account.id)
    passkey = (await db.exec(select(Passkey).where(*own).with_for_update())).first()
    if passkey is None:
        raise UnknownSubject("There is no such passkey: it may have been removed already.")
    return passkey


def _change(passkey: Passkey, before: str = "", after: str = "") -> Change:
    return Change(None, SubjectKind.PASSKEY, passkey.id, before, after)
