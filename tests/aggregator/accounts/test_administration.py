"""Disabled accounts, and administrators."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.accounts.administration import disable_account, enable_account, set_admin
from aggregator.accounts.api_tokens import find_token, list_tokens, make_token
from aggregator.accounts.errors import LoginTaken, UnknownSubject
from aggregator.accounts.invitations import invite, list_invitations
from aggregator.accounts.lookup import find_account
from aggregator.accounts.members import list_members
from aggregator.accounts.roles import Permission, Role
from aggregator.accounts.sessions import find_session
from aggregator.accounts.tables import Account
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import AT, OPERATOR, a_member, a_session, an_account, reread, signed_in, told


async def test_disabled_account_keeps_nothing_but_its_roles(store: Store, hall: Wall) -> None:
    owner = await a_member(store, hall, Role.OWNER)
    session = await a_session(store, owner.account)
    async with store.write() as db:
        scopes, month = [Permission.VIEW], timedelta(days=30)
        new = await make_token(db, owner, name="Export", scopes=scopes, lifetime=month, at=AT)
        await invite(db, hall, Role.AUTHOR, by=owner, at=AT)
    for _ in range(2):
        async with store.write() as db:
            await disable_account(db, owner.account, OPERATOR, AT)
    assert await told(store, 2) == [
        ("person:owner", "invite", "invitation", "", "author"),
        ("cli:ops", "disable", "account", "", ""),
    ]
    for _ in range(2):
        async with store.read() as db:
            assert await find_session(db, session.token, AT) is None
            assert await find_token(db, new.secret, AT) is None
            assert await list_tokens(db, owner.account) == []
            assert await list_invitations(db, hall, AT) == []
            assert [(account.login, member.role) for member, account in await list_members(db, hall)] == [
                ("owner", "owner")
            ]
        async with store.write() as db:
            await enable_account(db, owner.account, OPERATOR)
    assert await told(store) == [("cli:ops", "enable", "account", "", "")]
    assert (await reread(store, "owner")).disabled_at is None


async def test_administrator_who_is_none_any_more_loses_the_open_invitations(
    store: Store, hall: Wall, kim: Account
) -> None:
    async with store.write() as db:
        await set_admin(db, kim, OPERATOR, AT, is_admin=True)
    principal = await signed_in(store, await reread(store, "kim"))
    async with store.write() as db:
        await invite(db, hall, Role.OWNER, by=principal, at=AT)
    async with store.write() as db:
        await set_admin(db, kim, OPERATOR, AT, is_admin=False)
        assert await list_invitations(db, hall, AT) == []
    assert await told(store) == [("cli:ops", "change", "account", "admin", "none")]
    assert not (await reread(store, "kim")).is_admin


async def test_login_belongs_to_one_account(store: Store, kim: Account) -> None:
    with pytest.raises(LoginTaken, match=r"^The login “kim” is taken"):
        await an_account(store, kim.login)
    async with store.read() as db:
        assert (await find_account(db, " KIM ")).id == kim.id
        for unknown in ("lee", "", "kim\0", "k" * 1000):
            with pytest.raises(UnknownSubject, match="`backchannel account list` lists them"):
                await find_account(db, unknown)
