"""Throttled log-ins over HTTP, and who is let through meanwhile."""

from __future__ import annotations

import httpx

from aggregator.accounts.sessions import IDLE_LIFETIME
from aggregator.accounts.tables import Account
from tests.accounts import OTHER_PASSWORD, PASSWORD
from tests.web.desk import HERE, Desk, log_in, problem
from web.auth.attempts import LINKS_PER_ADDRESS, PER_ACCOUNT_AND_ADDRESS, PER_SESSION

HOME = "198.51.100.7"


async def guess(client: httpx.AsyncClient) -> httpx.Response:
    for _ in range(PER_ACCOUNT_AND_ADDRESS.amount):
        assert problem(await log_in(client, "kim", OTHER_PASSWORD)) == (401, "login_failed")
    return await log_in(client)


async def test_guessing_is_stopped_where_it_comes_from_alone(desk: Desk, kim: Account) -> None:
    async with desk.browser() as known, desk.browser() as guessing, desk.browser(HOME) as fresh:
        await log_in(known)
        refused = await guess(guessing)
        assert problem(refused) == (429, "throttled")
        wait = int(refused.headers["retry-after"])
        assert 1 <= wait <= 15 * 60
        assert refused.json()["detail"] == f"Too many attempts: try again in {wait} s."
        desk.later(IDLE_LIFETIME)
        assert [(await log_in(each)).status_code for each in (fresh, known)] == [200, 200]
        assert problem(await log_in(guessing)) == (429, "throttled")


async def test_unknown_login_is_throttled_like_a_known_one(desk: Desk) -> None:
    async with desk.browser() as guessing:
        assert problem(await guess(guessing)) == (429, "throttled")


async def test_right_password_begins_the_count_again(desk: Desk, kim: Account) -> None:
    async with desk.browser() as client:
        for _ in range(PER_ACCOUNT_AND_ADDRESS.amount * 2):
            async with desk.browser() as another:
                assert (await log_in(another)).status_code == 200
        assert problem(await guess(client)) == (429, "throttled")


async def test_links_and_confirmations_are_throttled(desk: Desk, kim: Account) -> None:
    async with desk.browser() as client, desk.browser(HOME) as fresh:
        await log_in(client)
        for _ in range(PER_SESSION.amount):
            reply = await client.post("/api/session/confirm", json={"password": OTHER_PASSWORD})
            assert problem(reply) == (403, "wrong_password")
        reply = await client.post("/api/session/confirm", json={"password": PASSWORD})
        assert problem(reply) == (429, "throttled")
        token = {"token": "unknown"}
        use = token | {"password": PASSWORD}
        tries = [("setup/check", token), ("setup", use), ("invitations/check", token), ("invitations/accept", use)]
        for number in range(LINKS_PER_ADDRESS.amount + len(tries)):
            path, body = tries[number % len(tries)]
            expected = (404, "invalid_link") if number < LINKS_PER_ADDRESS.amount else (429, "throttled")
            assert problem(await fresh.post(f"/api/{path}", json=body)) == expected
    async with desk.browser(HERE) as other:
        assert problem(await other.post("/api/setup/check", json=token)) == (404, "invalid_link")
