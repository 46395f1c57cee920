"""Passkeys over HTTP: added, used to sign in and to confirm, refused, and removed except the last way in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from aggregator.accounts.administration import disable_account
from aggregator.accounts.challenges import CHALLENGE_LIFETIME
from aggregator.accounts.roles import Role
from aggregator.accounts.sessions import CONFIRMATION_LIFETIME
from aggregator.accounts.setup_links import make_first_link
from aggregator.accounts.tables import Account
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import AT, OPERATOR, OTHER_PASSWORD, a_hall, a_member, told
from tests.conftest import ON_BOTH
from tests.fakes.authenticator import Authenticator, Credential
from tests.web.desk import URL, Desk, log_in, problem
from web.auth.attempts import PER_ADDRESS

MADE = "2026-06-09T08:00:00Z"


async def offered(client: httpx.AsyncClient, path: str = "/api/session/passkey/options", **body: str) -> dict[str, Any]:
    """The options of a first step."""
    reply = await client.post(path, json=body or None)
    assert reply.status_code == 200, reply.text
    options: dict[str, Any] = reply.json()["options"]
    return options


async def add(client: httpx.AsyncClient, phone: Authenticator, name: str = "Phone") -> httpx.Response:
    made = phone.make(await offered(client, "/api/passkeys/options"))
    return await client.post("/api/passkeys", json={"name": name, "credential": made})


async def use(client: httpx.AsyncClient, credential: Credential, path: str = "/api/session/passkey") -> httpx.Response:
    return await client.post(path, json={"credential": credential})


@pytest.fixture
async def phone(client: httpx.AsyncClient, kim: Account) -> Authenticator:
    """The passkey of Kim, who is signed in in `client`."""
    await log_in(client)
    phone = Authenticator(URL)
    assert (await add(client, phone)).status_code == 201
    return phone


@ON_BOTH
async def test_passkey_signs_in_without_a_name(desk: Desk, store: Store, phone: Authenticator) -> None:
    async with desk.browser() as browser:
        options = await offered(browser)
        wanted = {"rpId": "wall.example", "userVerification": "required", "allowCredentials": []}
        assert {name: options[name] for name in wanted} == wanted
        desk.later(timedelta(minutes=1))
        reply = await use(browser, phone.use(options))
        assert (reply.status_code, reply.json()["account"]["login"]) == (200, "kim")
        assert reply.json()["ways"] == {"password": True, "passkey": True, "organisation": False}
        [listed] = (await browser.get("/api/passkeys")).json()["passkeys"]
        assert listed == {"id": listed["id"], "name": "Phone", "created_at": MADE, "used_at": "2026-06-09T08:01:00Z"}
    assert await told(store, 3) == [
        ("person:kim", "log_in", "account", "", "password"),
        ("person:kim", "create", "passkey", "", "Phone"),
        ("person:kim", "log_in", "account", "", "passkey"),
    ]


async def test_answer_counts_once_and_soon(desk: Desk, phone: Authenticator) -> None:
    async with desk.browser() as browser:
        used = phone.use(await offered(browser))
        assert (await use(browser, used)).status_code == 200
        assert problem(await use(browser, used)) == (409, "challenge_ended")
        late = phone.use(await offered(browser))
        desk.later(CHALLENGE_LIFETIME)
        assert problem(await use(browser, late)) == (409, "challenge_ended")


@pytest.mark.parametrize(
    "fault",
    [
        {"origin": "https://evil.example"},
        {"relying_party": "evil.example"},
        {"verifies_user": False},
        {"sign_count": -1, "counts": True},
        {"user_handle": "c29tZWJvZHkgZWxzZQ"},
        {"credential_id": b"unknown"},
        {"key": Authenticator("").key},
    ],
    ids=lambda fault: next(iter(fault)),
)
async def test_wrong_answer_is_refused_like_every_other(
    desk: Desk, phone: Authenticator, fault: dict[str, Any]
) -> None:
    async with desk.browser() as browser:
        assert (await use(browser, phone.use(await offered(browser)))).status_code == 200
    wrong = replace(phone, **fault)
    async with desk.browser() as thief:
        answer = wrong.use(await offered(thief))
        reply = await use(thief, answer)
        assert problem(reply) == (401, "passkey_refused")
        assert "does not belong to an account here" in reply.json()["detail"]
        assert problem(await use(thief, answer)) == (409, "challenge_ended"), "a wrong answer uses the challenge up"


async def test_disabled_account_is_refused_like_an_unknown_one(
    desk: Desk, store: Store, kim: Account, phone: Authenticator
) -> None:
    async with store.write() as db:
        await disable_account(db, kim, OPERATOR, AT)
    async with desk.browser() as browser:
        assert problem(await use(browser, phone.use(await offered(browser)))) == (401, "passkey_refused")


async def test_answer_without_sense_is_refused(desk: Desk, client: httpx.AsyncClient, phone: Authenticator) -> None:
    async with desk.browser() as stranger:
        for part in ("clientDataJSON", "authenticatorData", "signature"):
            for value in ("", "!", "AAAA", "gaFhYQ", "\0", "é"):
                answer = phone.use(await offered(stranger))
                wrong = answer | {"response": answer["response"] | {part: value}}
                assert problem(await use(stranger, wrong)) == (401, "passkey_refused")
    options = await offered(client, "/api/passkeys/options")
    made = Authenticator(URL, credential_id=b"another").make(options)
    cut = made["response"] | {"attestationObject": made["response"]["attestationObject"][:-4]}
    body = {"name": "Phone", "credential": made | {"response": cut}}
    assert problem(await client.post("/api/passkeys", json=body)) == (422, "invalid")


async def test_passkey_confirms_its_own_account_alone(
    desk: Desk, client: httpx.AsyncClient, store: Store, hall: Wall, phone: Authenticator
) -> None:
    await a_member(store, hall, Role.OWNER)
    other = Authenticator(URL, credential_id=b"of the owner")
    async with desk.browser() as browser:
        await log_in(browser, "owner")
        await add(browser, other)
    desk.later(CONFIRMATION_LIFETIME)
    assert problem(await client.post("/api/passkeys/options")) == (403, "confirm_password")
    confirm = "/api/session/confirm/passkey"
    assert problem(await use(client, other.use(await offered(client)), confirm)) == (403, "wrong_passkey")
    assert problem(await client.post("/api/passkeys/options")) == (403, "confirm_password")
    reply = await use(client, phone.use(await offered(client)), confirm)
    assert reply.json()["session"]["confirmed_seconds"] == 0
    assert (await client.post("/api/passkeys/options")).status_code == 200


async def test_passkeys_are_several_renamed_and_removed(
    desk: Desk, client: httpx.AsyncClient, store: Store, phone: Authenticator
) -> None:
    options = await offered(client, "/api/passkeys/options")
    assert [each["id"] for each in options["excludeCredentials"]] == [phone.make(options)["id"]]
    again = await client.post("/api/passkeys", json={"name": "Again", "credential": phone.make(options)})
    assert problem(again) == (422, "invalid")
    key = Authenticator(URL, credential_id=b"a key on a ring", counts=False)
    desk.later(timedelta(seconds=1))
    path = f"/api/passkeys/{(await add(client, key, 'Key')).json()['id']}"
    assert (await client.patch(path, json={"name": "Red key"})).json()["name"] == "Red key"
    assert key.user_handle == phone.user_handle
    listed = (await client.get("/api/passkeys")).json()["passkeys"]
    assert [each["name"] for each in listed] == ["Phone", "Red key"]
    assert [(await client.delete(path)).status_code for _ in range(2)] == [204, 404]
    assert problem(await client.patch(path, json={"name": "Key"})) == (404, "not_found")
    assert problem(await use(client, key.use(await offered(client)))) == (401, "passkey_refused")
    assert (await told(store))[0] == ("person:kim", "remove", "passkey", "Red key", "")


async def test_account_that_begins_with_a_passkey_keeps_it_until_it_has_another_way(
    desk: Desk, client: httpx.AsyncClient, store: Store
) -> None:
    async with store.write() as db:
        link = await make_first_link(db, OPERATOR, AT)
    assert link is not None
    phone = Authenticator(URL)
    lee = {"login": "lee", "name": "Lee"}
    made = phone.make(await offered(client, "/api/setup/passkey", **lee))
    reply = await client.post("/api/setup", json={"token": link.token, "passkey": made, **lee})
    assert (reply.status_code, reply.json()["ways"]["password"]) == (200, False)
    path = f"/api/passkeys/{(await client.get('/api/passkeys')).json()['passkeys'][0]['id']}"
    assert problem(await client.delete(path)) == (409, "last_way_in")
    desk.later(CONFIRMATION_LIFETIME)
    first = {"current": "", "new": OTHER_PASSWORD}
    assert problem(await client.put("/api/account/password", json=first)) == (403, "confirm_password")
    await use(client, phone.use(await offered(client)), "/api/session/confirm/passkey")
    assert (await client.put("/api/account/password", json=first)).json()["ways"]["password"] is True
    assert problem(await client.put("/api/account/password", json=first)) == (403, "wrong_password")
    assert (await client.delete(path)).status_code == 204


async def test_invitation_is_accepted_with_a_passkey(desk: Desk, client: httpx.AsyncClient, store: Store) -> None:
    await a_member(store, await a_hall(store), Role.OWNER)
    await log_in(client, "owner")
    url: str = (await client.post("/api/walls/hall/invitations", json={"role": "moderator"})).json()["url"]
    lee = {"login": "lee", "name": "Lee"}
    phone = Authenticator(URL)
    async with desk.browser() as guest:
        made = phone.make(await offered(guest, "/api/setup/passkey", **lee))
        body = {"token": url.partition("#")[2], "passkey": made, **lee}
        reply = await guest.post("/api/invitations/accept", json=body)
        assert [wall["role"] for wall in reply.json()["walls"]] == ["moderator"]
        await guest.delete("/api/session")
        assert (await use(guest, phone.use(await offered(guest)))).json()["account"]["login"] == "lee"


async def test_steps_are_limited_by_address_but_not_for_a_known_device(
    desk: Desk, client: httpx.AsyncClient, phone: Authenticator
) -> None:
    async with desk.browser() as stranger:
        replies = [await stranger.post("/api/session/passkey/options") for _ in range(PER_ADDRESS.amount + 1)]
        assert (replies[0].status_code, problem(replies[-1])) == (200, (429, "throttled"))
    assert (await use(client, phone.use(await offered(client)))).status_code == 200


@pytest.mark.parametrize(
    ("public_url", "host", "origin", "reason"),
    [
        ("https://wall.example:443", "192.0.2.1", "https://wall.example", ""),
        ("http://localhost:8000", "localhost:8000", "http://localhost:8000", ""),
        ("", "localhost:8000", "http://localhost:8000", ""),
        ("", "wall.example", None, "Passkeys need HTTPS"),
        ("http://wall.example", "wall.example", None, "Passkeys need HTTPS"),
        (
            "",
            "127.0.0.1:8000",
            None,
            "127.0.0.1 is an address. On this machine, open the desk at http://localhost:8000.",
        ),
        ("https://[2001:db8::1]", "wall.example", None, "2001:db8::1 is an address"),
        ("", "a b", None, "Passkeys need HTTPS"),
    ],
)
async def test_ways_in_say_where_passkeys_work(
    store: Store, public_url: str, host: str, origin: str | None, reason: str
) -> None:
    desk = Desk(store, public_url)
    async with desk.browser(url="https://wall.example") as client:
        passkeys = (await client.get("/api/session/ways", headers={"Host": host})).json()["passkeys"]
        assert (passkeys["origin"], reason in passkeys["reason"]) == (origin, True)
        if origin is None:
            reply = await client.post("/api/session/passkey/options", headers={"Host": host})
            assert problem(reply) == (409, "passkeys_unavailable")
