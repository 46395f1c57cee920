"""Requests and WebSocket handshakes that another site's page has caused."""

from __future__ import annotations

import pytest

from aggregator.accounts.roles import Role
from aggregator.accounts.tables import Account
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import PASSWORD, a_member, an_account
from tests.web.desk import URL, Desk, log_in, problem, shake_hands

OWN = [
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": URL},
    {"Sec-Fetch-Site": "none"},
    {"Origin": URL},
    {"Origin": "http://192.0.2.1:8000", "Host": "192.0.2.1:8000"},
    {"Origin": URL, "Host": "127.0.0.1:8000"},
]
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://other.wall.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": URL},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://wall.example:8443"},
    {"Origin": "https://evil.example", "Authorization": "Basic a2ltOmtpbQ=="},
]


@pytest.mark.parametrize("headers", OWN)
async def test_own_page_may_log_in_and_out(desk: Desk, kim: Account, headers: dict[str, str]) -> None:
    async with desk.browser(**headers) as client:
        assert (await log_in(client)).status_code == 200
        assert (await client.delete("/api/session")).status_code == 204


@pytest.mark.parametrize("headers", FOREIGN)
async def test_foreign_page_may_do_nothing(desk: Desk, kim: Account, headers: dict[str, str]) -> None:
    async with desk.browser() as client:
        await log_in(client)
        token = client.cookies["__Host-backchannel"]
    cookie = {"Cookie": f"__Host-backchannel={token}"}
    async with desk.browser(**headers, **cookie) as client:
        for method, path, body in [
            ("POST", "/api/session", {"login": "kim", "password": PASSWORD}),
            ("DELETE", "/api/session", None),
            ("PUT", "/api/account/password", {}),
            ("POST", "/api/invitations/accept", {"token": "x"}),
        ]:
            assert problem(await client.request(method, path, json=body)) == (403, "cross_site")
        assert (await client.get("/api/session")).status_code == 200


async def test_api_token_is_no_cookie(desk: Desk) -> None:
    """Its own answer is given, from wherever it comes: a browser never adds it to a request by itself."""
    async with desk.browser(Origin="https://elsewhere.example", Authorization="Bearer bc_unknown") as program:
        reply = await program.put("/api/walls/hall/members/7", json={"role": "author"})
        assert problem(reply) == (401, "not_signed_in")
        assert reply.json()["detail"] == "Invalid API token: it is unknown, has expired or was revoked."


async def test_handshake_of_a_foreign_page_is_refused_and_others_are_told_why(
    desk: Desk, store: Store, hall: Wall, kim: Account
) -> None:
    await a_member(store, hall, Role.AUTHOR)
    live = "/api/walls/hall/desk/live"
    tokens = {}
    await an_account(store, "lee")
    for login in ("author", "lee"):
        async with desk.browser() as client:
            await log_in(client, login)
            tokens[login] = {"Cookie": f"__Host-backchannel={client.cookies['__Host-backchannel']}"}
    own = {"Origin": URL}
    told = await shake_hands(desk.app, live, tokens["author"] | own)
    assert told[0]["type"] == "websocket.accept"
    for headers in FOREIGN:
        [refused] = await shake_hands(desk.app, live, tokens["author"] | headers)
        assert refused["type"] == "websocket.close"
    for path, headers, code, reason in [
        (live, own, 4401, "not_signed_in"),
        (live, own | tokens["lee"], 4403, "permission_denied"),
        ("/api/walls/none/desk/live", own | tokens["lee"], 4404, "not_found"),
    ]:
        accepted, closed = await shake_hands(desk.app, path, headers)
        assert accepted["type"] == "websocket.accept"
        assert (closed["code"], closed["reason"]) == (code, reason)
