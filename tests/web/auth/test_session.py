"""Logging in and out over HTTP: the cookie, what ends a session, and what a failed log-in tells."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from aggregator.accounts.administration import disable_account
from aggregator.accounts.members import set_role
from aggregator.accounts.roles import Role
from aggregator.accounts.sessions import CONFIRMATION_LIFETIME, IDLE_LIFETIME, LIFETIME, TOUCH_INTERVAL
from aggregator.accounts.tables import Account
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import AT, OPERATOR, OTHER_PASSWORD, PASSWORD
from tests.web.desk import Desk, log_in, problem

MOMENT = timedelta(microseconds=1)


async def test_log_in_sets_a_cookie_that_only_this_host_gets(client: httpx.AsyncClient, kim: Account) -> None:
    reply = await log_in(client, "Kim")
    assert (reply.status_code, reply.headers["cache-control"]) == (200, "no-store")
    cookie, *attributes = reply.headers["set-cookie"].split("; ")
    name, _, token = cookie.partition("=")
    assert (name, len(token)) == ("__Host-backchannel", 43)
    age = int(LIFETIME.total_seconds())
    assert sorted(attributes) == ["HttpOnly", f"Max-Age={age}", "Path=/", "SameSite=lax", "Secure"]


async def test_cookie_on_plain_http_is_a_plain_one(store: Store, kim: Account) -> None:
    desk = Desk(store, "")
    async with desk.browser(url="http://192.0.2.1:8000") as client:
        cookie, *attributes = (await log_in(client)).headers["set-cookie"].split("; ")
        assert (cookie.partition("=")[0], "Secure" in attributes) == ("backchannel", False)
        assert (await client.get("/api/session")).status_code == 200


async def test_session_tells_who_is_signed_in_where_and_since_when(
    desk: Desk, client: httpx.AsyncClient, store: Store, kim: Account, hall: Wall
) -> None:
    async with store.write() as db:
        await set_role(db, hall, stored_id(kim), Role.MODERATOR, by=OPERATOR, at=AT)
    begun = (await log_in(client)).json()
    desk.later(timedelta(seconds=42))
    told = (await client.get("/api/session")).json()
    assert told == {
        "account": {"id": kim.id, "login": "kim", "name": "Kim", "is_admin": False},
        "ways": {"password": True, "passkey": False, "organisation": False},
        "walls": [
            {
                "slug": "hall",
                "name": "The hall",
                "hashtag": "",
                "look": {},
                "role": "moderator",
                "permissions": ["view", "moderate"],
            }
        ],
        "session": {
            "id": begun["session"]["id"],
            "expires_at": "2026-06-23T08:00:00Z",
            "confirmed_at": "2026-06-09T08:00:00Z",
            "confirmed_until": "2026-06-09T08:15:00Z",
            "confirmed_seconds": 42,
        },
    }
    assert begun == told | {"session": told["session"] | {"confirmed_seconds": 0}}


async def test_nobody_is_told_to_log_in(client: httpx.AsyncClient) -> None:
    for cookie in ("", "unknown"):
        reply = await client.get("/api/session", headers={"Cookie": f"__Host-backchannel={cookie}"})
        assert problem(reply) == (401, "not_signed_in")
        assert reply.headers["www-authenticate"] == 'Bearer realm="desk"'


async def test_failed_log_in_is_the_same_for_all(desk: Desk, store: Store, kim: Account) -> None:
    wrong = [("kim", OTHER_PASSWORD), ("lee", PASSWORD), ("lee\0", "\0"), ("", "")]
    async with desk.browser() as client:
        replies = [await log_in(client, *each) for each in wrong]
        async with store.write() as db:
            await disable_account(db, kim, OPERATOR, AT)
        replies.append(await log_in(client))
    assert {problem(reply) for reply in replies} == {(401, "login_failed")}
    assert len({reply.text for reply in replies}) == 1
    assert [reply.headers.get("set-cookie") for reply in replies] == [None] * 5


async def test_token_that_somebody_else_has_planted_is_never_the_session(
    desk: Desk, client: httpx.AsyncClient, kim: Account
) -> None:
    planted = "p" * 43
    reply = await client.post(
        "/api/session",
        json={"login": "kim", "password": PASSWORD},
        headers={"Cookie": f"__Host-backchannel={planted}"},
    )
    assert planted not in reply.headers["set-cookie"]
    async with desk.browser() as other:
        other.cookies.set("__Host-backchannel", planted)
        assert problem(await other.get("/api/session")) == (401, "not_signed_in")


async def test_second_log_in_in_a_browser_ends_its_first_session(
    desk: Desk, client: httpx.AsyncClient, kim: Account
) -> None:
    await log_in(client)
    first = client.cookies["__Host-backchannel"]
    await log_in(client)
    assert (await client.get("/api/session")).status_code == 200
    async with desk.browser() as thief:
        thief.cookies.set("__Host-backchannel", first)
        assert problem(await thief.get("/api/session")) == (401, "not_signed_in")


async def test_log_out_ends_the_session_and_clears_the_cookie(
    desk: Desk, client: httpx.AsyncClient, kim: Account
) -> None:
    await log_in(client)
    token = client.cookies["__Host-backchannel"]
    reply = await client.delete("/api/session")
    assert (reply.status_code, reply.headers["cache-control"], dict(client.cookies)) == (204, "no-store", {})
    assert "Secure" in reply.headers["set-cookie"]
    assert (await client.delete("/api/session")).status_code == 204
    async with desk.browser() as thief:
        thief.cookies.set("__Host-backchannel", token)
        assert problem(await thief.get("/api/session")) == (401, "not_signed_in")


async def test_session_in_use_lasts_longer_but_not_forever(desk: Desk, client: httpx.AsyncClient, kim: Account) -> None:
    await log_in(client)
    while desk.clock.at + IDLE_LIFETIME < AT + LIFETIME:
        desk.later(IDLE_LIFETIME - MOMENT)
        assert (await client.get("/api/session")).status_code == 200
    desk.clock.at = AT + LIFETIME
    assert problem(await client.get("/api/session")) == (401, "not_signed_in")


async def test_use_is_noted_once_a_minute(desk: Desk, client: httpx.AsyncClient, kim: Account) -> None:
    await log_in(client)
    used = []
    for wait in (TOUCH_INTERVAL - MOMENT, MOMENT, MOMENT):
        desk.later(wait)
        await client.get("/api/session")
        [row] = (await client.get("/api/sessions")).json()["sessions"]
        used.append(row["used_at"])
    assert used == ["2026-06-09T08:00:00Z", "2026-06-09T08:01:00Z", "2026-06-09T08:01:00Z"]


async def test_other_browsers_are_listed_and_ended(desk: Desk, client: httpx.AsyncClient, kim: Account) -> None:
    async with desk.browser(**{"User-Agent": "Phone"}) as phone:
        await log_in(phone)
        desk.later(MOMENT)
        await log_in(client)
        rows = (await client.get("/api/sessions")).json()["sessions"]
        assert [(row["user_agent"], row["is_current"]) for row in rows] == [
            (client.headers["user-agent"], True),
            ("Phone", False),
        ]
        path = f"/api/sessions/{rows[1]['id']}"
        assert (await client.delete(path)).status_code == 204
        assert problem(await client.delete(path)) == (404, "not_found")
        assert problem(await phone.get("/api/session")) == (401, "not_signed_in")


async def test_changed_password_leaves_this_browser_signed_in_alone(
    desk: Desk, client: httpx.AsyncClient, kim: Account
) -> None:
    change = {"current": PASSWORD, "new": OTHER_PASSWORD}
    async with desk.browser() as phone:
        await log_in(phone)
        await log_in(client)
        before = client.cookies["__Host-backchannel"]
        reply = await client.put("/api/account/password", json=change)
        assert reply.status_code == 200
        assert client.cookies["__Host-backchannel"] != before
        assert (await client.get("/api/session")).json() == reply.json()
        assert problem(await phone.get("/api/session")) == (401, "not_signed_in")
    assert problem(await client.put("/api/account/password", json=change)) == (403, "wrong_password")
    short = {"current": OTHER_PASSWORD, "new": "short"}
    reply = await client.put("/api/account/password", json=short)
    assert problem(reply) == (422, "invalid")
    assert reply.json()["detail"] == "A password has 12 characters or more; this one has 5."


async def test_dangerous_act_needs_a_password_that_was_typed_lately(
    desk: Desk, client: httpx.AsyncClient, kim: Account
) -> None:
    await log_in(client)
    desk.later(CONFIRMATION_LIFETIME)
    token = {"name": "Export", "scopes": ["view"], "days": 30}
    assert problem(await client.post("/api/tokens", json=token)) == (403, "confirm_password")
    wrong = await client.post("/api/session/confirm", json={"password": OTHER_PASSWORD})
    assert problem(wrong) == (403, "wrong_password")
    reply = await client.post("/api/session/confirm", json={"password": PASSWORD})
    assert reply.json()["session"]["confirmed_seconds"] == 0
    assert (await client.post("/api/tokens", json=token)).status_code == 201


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"login": "kim"}, "`password`: it must be given."),
        ({"login": 7, "password": PASSWORD}, "`login`: it must be text."),
        ({"login": "kim", "password": "x" * 257}, "`password`: it must have 256 characters or fewer."),
        ({"login": "kim", "password": PASSWORD, "admin": True}, "`admin`: this value is not valid."),
    ],
)
async def test_body_without_sense_is_answered_in_plain_words(
    client: httpx.AsyncClient, body: dict[str, object], detail: str
) -> None:
    reply = await client.post("/api/session", json=body)
    assert (problem(reply), reply.json()["detail"]) == ((422, "invalid"), detail)


async def test_body_must_be_json_and_say_so(client: httpx.AsyncClient) -> None:
    json, good = "application/json", b'{"login":"kim","password":"x"}'
    for content, kind in [(b"{", json), (good, "text/plain"), (b"", json)]:
        reply = await client.post("/api/session", content=content, headers={"Content-Type": kind})
        assert problem(reply) == (422, "invalid")
