"""Sessions: how they begin, stay alive and end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.accounts.errors import UnknownSubject
from aggregator.accounts.sessions import (
    CONFIRMATION_LIFETIME,
    IDLE_LIFETIME,
    LIFETIME,
    MAX_USER_AGENT,
    confirm_session,
    end_session,
    find_session,
    is_confirmed,
    known_device,
    list_sessions,
    log_out,
    start_session,
    touch_session,
)
from aggregator.accounts.tables import Account
from aggregator.store.store import Store
from tests.accounts import AT, a_session, an_account, signed_in, told

MOMENT = timedelta(microseconds=1)


async def test_session_is_found_by_its_token_alone(store: Store, kim: Account) -> None:
    begun = await a_session(store, kim)
    async with store.read() as db:
        found = await find_session(db, begun.token, AT)
        assert found is not None
        assert (found.account.login, found.session) == ("kim", begun.session)
        for wrong in ("", begun.session.id, begun.session.token_hash, f"{begun.token}x", "\ud83d\0"):
            assert await find_session(db, wrong, AT) is None
    assert begun.session.token_hash not in f"{begun.session!r} {kim!r}"
    assert (kim.password_hash or "") not in repr(kim)


async def test_session_ends_when_it_is_idle_and_at_the_latest_at_its_end(store: Store, kim: Account) -> None:
    begun = await a_session(store, kim)
    at = AT
    async with store.write() as db:
        assert await find_session(db, begun.token, AT + IDLE_LIFETIME - MOMENT) is not None
        assert await find_session(db, begun.token, AT + IDLE_LIFETIME) is None
        while at < AT + LIFETIME - MOMENT:
            at = min(at + IDLE_LIFETIME - MOMENT, AT + LIFETIME - MOMENT)
            assert await find_session(db, begun.token, at) is not None
            await touch_session(db, begun.session, at)
        assert await find_session(db, begun.token, AT + LIFETIME) is None


async def test_expired_sessions_are_deleted_when_another_begins(store: Store, kim: Account) -> None:
    early, late = await a_session(store, kim), await a_session(store, kim, AT + LIFETIME)
    async with store.read() as db:
        assert await find_session(db, early.token, AT) is None
        assert [each.id for each in await list_sessions(db, kim, AT + LIFETIME)] == [late.session.id]


async def test_device_is_known_by_a_session_of_that_very_account(store: Store, kim: Account) -> None:
    begun, idle = await a_session(store, kim), AT + IDLE_LIFETIME
    await an_account(store, "lee")
    async with store.read() as db:
        assert await known_device(db, begun.token, "KIM", idle) == begun.session.id
        for login in ("lee", "kim\0", ""):
            assert await known_device(db, begun.token, login, AT) is None
        assert await known_device(db, "another", "kim", AT) is None
        assert await known_device(db, begun.token, "kim", AT + LIFETIME) is None


async def test_password_counts_as_confirmed_for_a_while(store: Store, kim: Account) -> None:
    begun, later = await a_session(store, kim), AT + CONFIRMATION_LIFETIME
    assert is_confirmed(begun.session, later - MOMENT)
    assert not is_confirmed(begun.session, later)
    async with store.write() as db:
        await confirm_session(db, begun.session, later)
    async with store.read() as db:
        [session] = await list_sessions(db, kim, AT)
    assert is_confirmed(session, later)


async def test_user_agent_is_cut_and_can_be_shown(store: Store, kim: Account) -> None:
    async with store.write() as db:
        begun = await start_session(db, kim, "Fire\0fox\x1b[31m" + "x" * 1000, AT)
    async with store.read() as db:
        [session] = await list_sessions(db, kim, AT)
    assert session.user_agent == ("Firefox[31m" + "x" * 1000)[:MAX_USER_AGENT]
    assert session.id == begun.session.id


async def test_account_ends_its_own_sessions_and_no_others(store: Store, kim: Account) -> None:
    lee = await signed_in(store, await an_account(store, "lee"))
    one, two = await a_session(store, kim), await signed_in(store, kim)
    for session_id in (one.session.id, "nothing"):
        with pytest.raises(UnknownSubject, match=r"^There is no such session"):
            async with store.write() as db:
                await end_session(db, lee, session_id)
    async with store.write() as db:
        await end_session(db, two, one.session.id)
    async with store.read() as db:
        assert await find_session(db, one.token, AT) is None
        assert [each.id for each in await list_sessions(db, kim, AT)] == [two.session.id if two.session else ""]
    assert await told(store) == [("person:kim", "revoke", "session", "", "")]


async def test_log_out_ends_the_session_of_a_token(store: Store, kim: Account) -> None:
    one, two = await a_session(store, kim), await a_session(store, kim)
    async with store.write() as db:
        await log_out(db, one.token)
        await log_out(db, "unknown")
    async with store.read() as db:
        assert [each.id for each in await list_sessions(db, kim, AT)] == [two.session.id]
