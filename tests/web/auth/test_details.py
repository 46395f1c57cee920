"""Another name and another login, taken by the owner of the account."""

from __future__ import annotations

import httpx

from aggregator.accounts.sessions import CONFIRMATION_LIFETIME
from aggregator.accounts.tables import Account
from aggregator.store.store import Store
from tests.accounts import an_account, told
from tests.conftest import ON_BOTH
from tests.web.desk import Desk, log_in, problem


@ON_BOTH
async def test_name_and_login_are_changed_and_a_former_login_stays_its_own(
    desk: Desk, client: httpx.AsyncClient, store: Store, kim: Account
) -> None:
    await an_account(store, "lee")
    await log_in(client)
    assert (await client.patch("/api/account", json={"name": " Kim  Doe "})).json()["account"]["name"] == "Kim Doe"
    changed = await client.patch("/api/account", json={"login": "Kim@Council.example", "name": "Kim Doe"})
    assert changed.json()["account"]["login"] == "kim@council.example"
    assert (await client.get("/api/session")).json() == changed.json()
    assert await told(store, 2) == [
        ("person:kim", "change", "account", '{"name": "Kim"}', '{"name": "Kim Doe"}'),
        ("person:kim", "change", "account", '{"login": "kim"}', '{"login": "kim@council.example"}'),
    ]
    assert problem(await client.patch("/api/account", json={"login": "lee"})) == (409, "login_taken")
    for body in ({"login": "x y"}, {"name": " "}, {"login": ""}):
        assert problem(await client.patch("/api/account", json=body)) == (422, "invalid")
    async with desk.browser() as lee:
        await log_in(lee, "lee")
        assert problem(await lee.patch("/api/account", json={"login": "kim"})) == (409, "login_taken"), "it was Kim's"
        assert problem(await log_in(lee, "kim")) == (401, "login_failed")
        assert (await log_in(lee, "kim@council.example")).status_code == 200
    assert (await client.patch("/api/account", json={"login": "kim"})).json()["account"]["login"] == "kim"
    desk.later(CONFIRMATION_LIFETIME)
    assert problem(await client.patch("/api/account", json={"login": "kim2"})) == (403, "confirm_password")
    assert (await client.patch("/api/account", json={"name": "Kim"})).status_code == 200
