"""Logging in, confirming and changing a password."""

from __future__ import annotations

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from aggregator.accounts.access import Principal
from aggregator.accounts.administration import disable_account
from aggregator.accounts.errors import InvalidDetails, LoginFailed, WrongPassword
from aggregator.accounts.hasher import Hasher
from aggregator.accounts.passwords import change_password, confirm, log_in
from aggregator.accounts.sessions import CONFIRMATION_LIFETIME, NewSession, find_session, is_confirmed, list_sessions
from aggregator.accounts.tables import Account
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import AT, OPERATOR, OTHER_PASSWORD, PASSWORD, a_session, reread, signed_in, told


async def enter(store: Store, hasher: Hasher, login: str, password: str, earlier: str = "") -> NewSession:
    return await log_in(store, hasher, login, password, user_agent="Firefox", earlier=earlier, at=AT)


async def is_alive(store: Store, token: str) -> bool:
    async with store.read() as db:
        return await find_session(db, token, AT) is not None


async def test_log_in_begins_a_session_and_ends_the_one_that_the_browser_had(
    store: Store, hasher: Hasher, kim: Account
) -> None:
    first = await enter(store, hasher, "KIM", PASSWORD)
    elsewhere = await enter(store, hasher, "kim", PASSWORD)
    second = await enter(store, hasher, "kim", PASSWORD, earlier=first.token)
    assert len({first.token, elsewhere.token, second.token}) == 3
    assert [await is_alive(store, each.token) for each in (first, elsewhere, second)] == [False, True, True]
    assert second.session.account_id == kim.id


async def test_log_in_fails_in_the_same_words_whatever_is_wrong(store: Store, hasher: Hasher, kim: Account) -> None:
    session = await a_session(store, kim)
    async with store.write() as db:
        await disable_account(db, kim, OPERATOR, AT)
    for login, password in [("kim", PASSWORD), ("kim", OTHER_PASSWORD), ("lee", PASSWORD), ("", ""), ("k\0", "p\0")]:
        with pytest.raises(LoginFailed) as failed:
            await enter(store, hasher, login, password, earlier=session.token)
        assert str(failed.value) == "Log-in failed: check the login and the password."


async def test_failed_log_in_leaves_the_browser_s_session_alone(store: Store, hasher: Hasher, kim: Account) -> None:
    session = await a_session(store, kim)
    with pytest.raises(LoginFailed):
        await enter(store, hasher, "kim", OTHER_PASSWORD, earlier=session.token)
    assert await is_alive(store, session.token)


async def test_account_without_a_password_cannot_log_in_with_one(store: Store, hasher: Hasher, kim: Account) -> None:
    async with store.write() as db:
        kim.password_hash = None
        db.add(kim)
    for password in ("", "None", PASSWORD):
        with pytest.raises(LoginFailed):
            await enter(store, hasher, "kim", password)


async def test_log_in_stores_a_hash_of_the_present_costs(store: Store, kim: Account) -> None:
    costlier = Hasher(Argon2Hasher(time_cost=2, memory_cost=8, parallelism=1))
    await enter(store, costlier, "kim", PASSWORD)
    assert "t=2" in ((await reread(store, "kim")).password_hash or "")


async def test_confirm_needs_the_password(store: Store, hasher: Hasher, kim: Account) -> None:
    principal, later = await signed_in(store, kim), AT + CONFIRMATION_LIFETIME
    assert principal.session is not None
    with pytest.raises(WrongPassword):
        await confirm(store, hasher, principal, OTHER_PASSWORD, later)
    assert not is_confirmed(principal.session, later)
    await confirm(store, hasher, principal, PASSWORD, later)
    async with store.read() as db:
        assert [is_confirmed(each, later) for each in await list_sessions(db, kim, AT)] == [True]


async def change(store: Store, hasher: Hasher, principal: Principal, current: str, new: str) -> NewSession:
    return await change_password(store, hasher, principal, current, new, user_agent="Firefox", at=AT)


async def test_changed_password_ends_all_sessions_but_a_new_one(store: Store, hasher: Hasher, kim: Account) -> None:
    other, mine = await a_session(store, kim), await a_session(store, kim)
    new = await change(store, hasher, Principal(kim, mine.session), PASSWORD, OTHER_PASSWORD)
    assert [await is_alive(store, each.token) for each in (other, mine, new)] == [False, False, True]
    assert await told(store) == [("person:kim", "set_password", "account", "", "")]
    with pytest.raises(LoginFailed):
        await enter(store, hasher, "kim", PASSWORD)
    await enter(store, hasher, "kim", OTHER_PASSWORD)


async def test_password_that_is_not_changed_leaves_everything_as_it_was(
    store: Store, hasher: Hasher, kim: Account, hall: Wall
) -> None:
    mine = await a_session(store, kim)
    principal = Principal(kim, mine.session)
    with pytest.raises(WrongPassword):
        await change(store, hasher, principal, OTHER_PASSWORD, OTHER_PASSWORD)
    with pytest.raises(InvalidDetails, match="too easy to guess"):
        await change(store, hasher, principal, PASSWORD, f"kim {hall.slug} {hall.slug}")
    assert await is_alive(store, mine.token)
    assert (await reread(store, "kim")).password_hash == kim.password_hash


async def test_password_that_was_changed_meanwhile_is_not_changed_again(
    store: Store, hasher: Hasher, kim: Account
) -> None:
    one, two = await signed_in(store, kim), await signed_in(store, kim)
    await change(store, hasher, one, PASSWORD, OTHER_PASSWORD)
    with pytest.raises(WrongPassword):
        await change(store, hasher, two, PASSWORD, PASSWORD)
