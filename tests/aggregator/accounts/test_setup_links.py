"""One-time links: the first account and new passwords, each link once and in time."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from aggregator.accounts.administration import disable_account
from aggregator.accounts.errors import AccountError, InvalidDetails, InvalidLink
from aggregator.accounts.hasher import Hasher
from aggregator.accounts.lookup import list_accounts
from aggregator.accounts.sessions import NewSession, find_session
from aggregator.accounts.setup_links import (
    LINK_LIFETIME,
    NewLink,
    OpenLink,
    make_first_link,
    make_password_link,
    read_link,
    use_link,
)
from aggregator.accounts.tables import Account
from aggregator.store.store import Store
from tests.accounts import AT, OPERATOR, OTHER_PASSWORD, PASSWORD, a_session, an_account, reread, told


async def first_link(store: Store, at: datetime = AT) -> NewLink:
    async with store.write() as db:
        link = await make_first_link(db, OPERATOR, at)
    assert link is not None
    return link


async def password_link(store: Store, account: Account) -> NewLink:
    async with store.write() as db:
        return await make_password_link(db, account, OPERATOR, AT)


async def use(
    store: Store, hasher: Hasher, token: str, login: str = "Kim", password: str = PASSWORD, *, at: datetime = AT
) -> NewSession:
    return await use_link(store, hasher, token, password, login=login, name=login, user_agent="Firefox", at=at)


async def test_first_link_makes_an_administrator_and_ends_all_first_links(store: Store, hasher: Hasher) -> None:
    one, two = await first_link(store), await first_link(store)
    async with store.read() as db:
        assert await read_link(db, one.token, AT) == OpenLink(None, AT + LINK_LIFETIME)
    begun = await use(store, hasher, one.token)
    account = await reread(store, "kim")
    assert (account.name, account.is_admin, account.id) == ("Kim", True, begun.session.account_id)
    assert await told(store) == [("person:kim", "create", "account", "", "admin")]
    for token in (one.token, two.token):
        with pytest.raises(InvalidLink):
            await use(store, hasher, token, "lee")
    async with store.write() as db:
        assert await make_first_link(db, OPERATOR, AT) is None


async def test_first_link_is_not_used_up_by_a_mistake(store: Store, hasher: Hasher) -> None:
    link = await first_link(store)
    assert await told(store) == [("cli:ops", "make_link", "account", "", "first account")]
    for login, password in [("two words", PASSWORD), ("kim", "short"), ("kim", "kim kim kim kim")]:
        with pytest.raises(InvalidDetails):
            await use(store, hasher, link.token, login, password)
    await use(store, hasher, link.token)


async def test_link_expires(store: Store, hasher: Hasher, kim: Account) -> None:
    link, end = await password_link(store, kim), AT + LINK_LIFETIME
    assert link.expires_at == end
    for token, at in [(link.token, end), ("", AT), ("unknown", AT)]:
        with pytest.raises(InvalidLink):
            await use(store, hasher, token, at=at)
        async with store.read() as db:
            with pytest.raises(InvalidLink):
                await read_link(db, token, at)


async def test_first_link_is_worth_nothing_once_there_is_an_account(store: Store, hasher: Hasher) -> None:
    link = await first_link(store)
    await an_account(store, "lee")
    async with store.read() as db:
        with pytest.raises(InvalidLink):
            await read_link(db, link.token, AT)
    with pytest.raises(InvalidLink):
        await use(store, hasher, link.token)


async def test_password_link_sets_a_password_once_and_ends_the_sessions(
    store: Store, hasher: Hasher, kim: Account
) -> None:
    before = await a_session(store, kim)
    replaced, link = await password_link(store, kim), await password_link(store, kim)
    with pytest.raises(InvalidLink):
        await use(store, hasher, replaced.token)
    async with store.read() as db:
        assert await read_link(db, link.token, AT) == OpenLink(kim, AT + LINK_LIFETIME)
    begun = await use(store, hasher, link.token, "ignored", OTHER_PASSWORD)
    async with store.read() as db:
        assert await find_session(db, before.token, AT) is None
        assert await find_session(db, begun.token, AT) is not None
        assert [each.login for each in await list_accounts(db)] == ["kim"]
    stored = (await reread(store, "kim")).password_hash
    assert (await hasher.verify(OTHER_PASSWORD, stored)).is_right
    assert await told(store, 3) == [
        ("cli:ops", "make_link", "account", "", "new password"),
        ("cli:ops", "make_link", "account", "", "new password"),
        ("person:kim", "set_password", "account", "", ""),
    ]
    with pytest.raises(InvalidLink):
        await use(store, hasher, link.token)


async def test_disabled_account_gets_no_link_and_loses_the_one_it_had(
    store: Store, hasher: Hasher, kim: Account
) -> None:
    link = await password_link(store, kim)
    async with store.write() as db:
        await disable_account(db, kim, OPERATOR, AT)
    with pytest.raises(InvalidLink):
        await use(store, hasher, link.token)
    with pytest.raises(InvalidDetails, match=r"^The account “kim” is disabled: enable it first"):
        await password_link(store, await reread(store, "kim"))


async def test_of_several_who_use_first_links_at_once_one_becomes_the_first_account(
    postgresql_store: Store, hasher: Hasher
) -> None:
    store = postgresql_store
    links = [await first_link(store) for _ in range(3)]
    tries = [(link.token, f"{login}{number}") for number, link in enumerate(links) for login in ("kim", "lee")]
    done = await asyncio.gather(*(use(store, hasher, *each) for each in tries), return_exceptions=True)
    assert sum(isinstance(each, NewSession) for each in done) == 1
    assert {type(each) for each in done if isinstance(each, AccountError)} == {InvalidLink}
    async with store.read() as db:
        assert len(await list_accounts(db)) == 1
