"""API tokens: what they may do, and how they end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aggregator.accounts.api_tokens import (
    MAX_LIFETIME,
    MAX_TOKENS,
    NewApiToken,
    find_token,
    list_tokens,
    make_token,
    revoke_token,
    touch_token,
)
from aggregator.accounts.errors import InvalidDetails, UnknownSubject
from aggregator.accounts.roles import Permission
from aggregator.accounts.tables import Account
from aggregator.store.store import Store
from tests.accounts import AT, an_account, signed_in, told

MONTH = timedelta(days=30)
SCOPES = [Permission.MODERATE, Permission.VIEW, Permission.VIEW]


async def made(store: Store, account: Account) -> NewApiToken:
    principal = await signed_in(store, account)
    async with store.write() as db:
        return await make_token(db, principal, name=" Nightly  export ", scopes=SCOPES, lifetime=MONTH, at=AT)


async def test_token_acts_for_its_account_within_its_scopes_until_it_expires(store: Store, kim: Account) -> None:
    new = await made(store, kim)
    assert new.secret.startswith("bc_")
    assert new.secret not in str(new.token)
    assert await told(store) == [("person:kim", "create", "api_token", "", "view moderate")]
    async with store.read() as db:
        found = await find_token(db, new.secret, AT + MONTH - timedelta(seconds=1))
        assert found is not None
        principal = found[1]
        assert (principal.account.login, principal.session) == ("kim", None)
        assert principal.scopes == {Permission.VIEW, Permission.MODERATE}
        for secret, at in [(new.secret, AT + MONTH), (new.token.id, AT), (new.token.token_hash, AT), ("", AT)]:
            assert await find_token(db, secret, at) is None


async def test_token_is_listed_with_its_last_use(store: Store, kim: Account) -> None:
    new = await made(store, kim)
    async with store.write() as db:
        await touch_token(db, new.token, AT + MONTH)
    async with store.read() as db:
        [token] = await list_tokens(db, kim)
        assert await list_tokens(db, await an_account(store, "lee")) == []
    assert (token.name, token.scopes, token.used_at) == ("Nightly export", ["view", "moderate"], AT + MONTH)


async def test_token_is_revoked_by_its_own_account_alone(store: Store, kim: Account) -> None:
    new = await made(store, kim)
    lee = await signed_in(store, await an_account(store, "lee"))
    with pytest.raises(UnknownSubject, match=r"^There is no such token"):
        async with store.write() as db:
            await revoke_token(db, lee, new.token.id)
    principal = await signed_in(store, kim)
    async with store.write() as db:
        await revoke_token(db, principal, new.token.id)
    assert await told(store) == [("person:kim", "revoke", "api_token", "view moderate", "")]
    async with store.read() as db:
        assert await find_token(db, new.secret, AT) is None


async def test_token_needs_a_scope_a_name_and_an_end(store: Store, kim: Account) -> None:
    principal = await signed_in(store, kim)
    good: dict[str, Any] = {"name": "Export", "scopes": [Permission.VIEW], "lifetime": MONTH}
    lifetimes = [timedelta(0), MAX_LIFETIME + MONTH]
    wrong: list[dict[str, Any]] = [{"scopes": []}, {"name": " "}, *({"lifetime": each} for each in lifetimes)]
    for each in wrong:
        with pytest.raises(InvalidDetails):
            async with store.write() as db:
                await make_token(db, principal, **{**good, **each}, at=AT)
    async with store.write() as db:
        for _ in range(MAX_TOKENS):
            await make_token(db, principal, name="Export", scopes=[Permission.VIEW], lifetime=MONTH, at=AT)
        with pytest.raises(InvalidDetails, match=r"^An account has 50 tokens or fewer: revoke some first"):
            await make_token(db, principal, name="Export", scopes=[Permission.VIEW], lifetime=MONTH, at=AT)
