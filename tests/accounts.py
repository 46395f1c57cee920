"""Accounts for tests: a hasher of the lowest costs, and accounts with roles, made by the product's own verbs."""

from __future__ import annotations

from datetime import UTC, datetime

from pwdlib.hashers.argon2 import Argon2Hasher

from aggregator.accounts.access import Principal
from aggregator.accounts.lookup import add_account, find_account
from aggregator.accounts.members import set_role
from aggregator.accounts.roles import Role
from aggregator.accounts.sessions import NewSession, start_session
from aggregator.accounts.tables import Account
from aggregator.audit.actor import Actor, ActorKind
from aggregator.audit.trail import list_entries
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from aggregator.walls.walls import create_wall

AT = datetime(2026, 6, 9, 8, tzinfo=UTC)
OPERATOR = Actor(ActorKind.COMMAND_LINE, "ops")
PASSWORD = "lantern otter quarry violin"
OTHER_PASSWORD = "meadow copper thimble glacier"


def cheap_argon2() -> Argon2Hasher:
    return Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)


async def an_account(store: Store, login: str = "kim", *, is_admin: bool = False) -> Account:
    """An account with PASSWORD."""
    password_hash = cheap_argon2().hash(PASSWORD)
    async with store.write() as db:
        return await add_account(db, login, login.title(), password_hash, is_admin=is_admin)


async def a_hall(store: Store, slug: str = "hall") -> Wall:
    async with store.write() as db:
        return await create_wall(db, slug, f"The {slug}", by=OPERATOR)


async def a_member(store: Store, wall: Wall, role: Role, login: str = "") -> Principal:
    """A signed-in account, named after its role, with that role on the wall."""
    account = await an_account(store, login or role)
    async with store.write() as db:
        await set_role(db, wall, stored_id(account), role, by=OPERATOR, at=AT)
    return await signed_in(store, account)


async def signed_in(store: Store, account: Account, at: datetime = AT) -> Principal:
    begun = await a_session(store, account, at)
    return Principal(begun.account, begun.session)


async def a_session(store: Store, account: Account, at: datetime = AT) -> NewSession:
    async with store.write() as db:
        return await start_session(db, account, "Firefox", at)


async def reread(store: Store, login: str) -> Account:
    async with store.read() as db:
        return await find_account(db, login)


async def told(store: Store, number: int = 1) -> list[tuple[str, str, str, str, str]]:
    """(who, action, kind of subject, before, after) of the newest entries of the audit trail, the oldest first."""
    async with store.read() as db:
        entries = list(await list_entries(db, limit=number))
    return [(str(e.by), e.action, e.subject_kind, e.before, e.after) for e in reversed(entries)]
