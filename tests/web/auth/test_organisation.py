"""Signing in through an organisation's OpenID provider: who gets in, as whom, with which roles, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from aggregator.accounts.administration import disable_account
from aggregator.accounts.challenges import CHALLENGE_LIFETIME
from aggregator.accounts.openid_provider import METADATA_LIFETIME, OpenIdProvider
from aggregator.accounts.organisation import CALLBACK, Grant, Organisation
from aggregator.accounts.roles import Role
from aggregator.accounts.sessions import CONFIRMATION_LIFETIME
from aggregator.accounts.setup_links import make_password_link
from aggregator.accounts.tables import Account
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.http.client import Http
from tests.accounts import AT, OPERATOR, OTHER_PASSWORD, PASSWORD, a_hall, an_account, reread, told
from tests.conftest import ON_BOTH
from tests.fakes.openid_provider import CLIENT_ID, LIFETIME, SECRET, FakeOpenIdProvider, new_key
from tests.web.desk import URL, Clock, Desk, log_in, problem

COUNCIL = Organisation(
    "https://login.example", CLIENT_ID, SECRET, "The council", URL + CALLBACK, email_domains=("council.example",)
)
TOKEN = {"name": "Export", "scopes": ["view"], "days": 1}


class Council:
    """A desk whose organisation is the council, with its provider."""

    def __init__(self, store: Store, organisation: Organisation = COUNCIL) -> None:
        clock = Clock()
        self.fake = FakeOpenIdProvider(clock=clock)
        self.http = Http(transport=self.fake.transport, per_second=1e6)
        self.desk = Desk(store, clock=clock, provider=OpenIdProvider(organisation, self.http))

    async def enter(self, client: httpx.AsyncClient, back: str = "", **start: Any) -> str:
        """Sign in; return the path to which one is led in the end. `back` replaces the callback's address."""
        reply = await client.post("/api/session/organisation", json=start)
        assert reply.status_code == 200, reply.text
        came = await client.get(back or self.fake.sign_in(reply.json()["url"]))
        assert (came.status_code, came.headers["cache-control"]) == (303, "no-store")
        assert "state" not in " ".join(client.cookies)
        return came.headers["location"]


@pytest.fixture
async def council(store: Store) -> AsyncIterator[Council]:
    made = Council(store)
    yield made
    await made.http.aclose()


@pytest.fixture
async def client(council: Council) -> AsyncIterator[httpx.AsyncClient]:
    async with council.desk.browser() as client:
        yield client


def refused(code: str) -> str:
    return f"/desk/sign-in?problem={code}"


async def test_first_log_in_makes_an_account_and_later_ones_find_it(
    council: Council, client: httpx.AsyncClient, store: Store
) -> None:
    ways = (await client.get("/api/session/ways")).json()
    assert (ways["organisation"], ways["passwords"]) == ("The council", True)
    assert await council.enter(client, next="/desk/account") == "/desk/account"
    me = (await client.get("/api/session")).json()
    assert (me["account"]["login"], me["account"]["name"]) == ("robin@council.example", "Robin")
    assert me["ways"] == {"password": False, "passkey": False, "organisation": True}
    assert [(entry[1], entry[4]) for entry in await told(store, 2)] == [("create", "none"), ("log_in", "organisation")]
    council.fake.person |= {"email": "another@council.example", "name": "Another"}
    assert await council.enter(client) == "/desk"
    assert (await client.get("/api/session")).json()["account"] == me["account"]
    assert (await client.delete("/api/session")).status_code == 204
    assert problem(await client.get("/api/session")) == (401, "not_signed_in")


async def test_browser_is_sent_with_state_nonce_and_challenge(council: Council, client: httpx.AsyncClient) -> None:
    reply = await client.post("/api/session/organisation", json={})
    query = {name: values[0] for name, values in parse_qs(urlsplit(reply.json()["url"]).query).items()}
    assert {name: query[name] for name in ("client_id", "redirect_uri", "scope", "response_type")} == {
        "client_id": CLIENT_ID,
        "redirect_uri": f"{URL}/api/session/organisation/callback",
        "scope": "openid profile email",
        "response_type": "code",
    }
    assert [len(query[name]) for name in ("state", "nonce", "code_challenge")] == [43, 43, 43]
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(f"__Host-backchannel-state={query['state']};")
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Max-Age=300"))


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"nonce": "another"}, "organisation_invalid"),
        ({"nonce": None}, "organisation_invalid"),
        ({"aud": "another"}, "organisation_invalid"),
        ({"aud": [CLIENT_ID, "another"]}, "organisation_invalid"),
        ({"azp": "another"}, "organisation_invalid"),
        ({"iss": "https://evil.example"}, "organisation_invalid"),
        ({"exp": int(AT.timestamp()) - LIFETIME}, "organisation_invalid"),
        ({"exp": None}, "organisation_invalid"),
        ({"sub": ""}, "organisation_invalid"),
        ({"email_verified": False}, "organisation_email"),
        ({"email": "robin@elsewhere.example"}, "organisation_not_welcome"),
        ({"email": "robin@council.example.evil.example"}, "organisation_not_welcome"),
    ],
)
async def test_claims_that_do_not_fit_are_refused(
    council: Council, client: httpx.AsyncClient, store: Store, fault: dict[str, Any], code: str
) -> None:
    council.fake.faults = fault
    assert await council.enter(client) == refused(code)
    assert problem(await client.get("/api/session")) == (401, "not_signed_in")
    assert await told(store) == []


async def test_signature_must_be_by_a_key_of_the_provider(council: Council, client: httpx.AsyncClient) -> None:
    council.fake.is_unsigned = True
    assert await council.enter(client) == refused("organisation_invalid")
    council.fake.is_unsigned = False
    assert await council.enter(client) == "/desk"
    council.fake.rotate()
    assert await council.enter(client) == "/desk", "a new key is asked for once"
    assert council.fake.asked.count("/keys") == 2
    council.fake.signs_with = new_key()
    assert await council.enter(client) == refused("organisation_invalid")


async def test_state_is_of_this_browser_and_counts_once(council: Council, client: httpx.AsyncClient) -> None:
    async with council.desk.browser() as attacker:
        url = (await attacker.post("/api/session/organisation", json={})).json()["url"]
        theirs = council.fake.sign_in(url)
    ended = refused("challenge_ended")
    assert (await client.get(theirs)).headers["location"] == ended
    assert await council.enter(client, back=theirs) == ended
    assert await council.enter(client, back=f"{CALLBACK}?code=x") == ended
    url = (await client.post("/api/session/organisation", json={})).json()["url"]
    state = client.cookies["__Host-backchannel-state"]
    back = council.fake.sign_in(url)
    assert (await client.get(back)).headers["location"] == "/desk"
    again = {"Cookie": f"__Host-backchannel-state={state}"}
    assert (await client.get(back, headers=again)).headers["location"] == ended
    url = (await client.post("/api/session/organisation", json={})).json()["url"]
    council.desk.later(CHALLENGE_LIFETIME)
    assert (await client.get(council.fake.sign_in(url))).headers["location"] == ended


async def test_refusals_of_the_provider_are_told(council: Council, client: httpx.AsyncClient) -> None:
    url = (await client.post("/api/session/organisation", json={})).json()["url"]
    state = parse_qs(urlsplit(url).query)["state"][0]
    denied = await client.get(f"{CALLBACK}?error=access_denied&state={state}")
    assert denied.headers["location"] == refused("organisation_refused")
    council.fake.codes.clear()
    url = (await client.post("/api/session/organisation", json={})).json()["url"]
    back = council.fake.sign_in(url)
    council.fake.codes.clear()
    assert (await client.get(back)).headers["location"] == refused("organisation_invalid")
    council.fake.down = frozenset({"/token"})
    assert await council.enter(client) == refused("organisation_unavailable")
    council.fake.down = frozenset({"/.well-known/openid-configuration"})
    council.desk.later(METADATA_LIFETIME)
    reply = await client.post("/api/session/organisation", json={})
    assert problem(reply) == (503, "organisation_unavailable")
    assert "The council cannot be reached" in reply.json()["detail"]
    council.fake.down, council.fake.metadata = frozenset(), {"issuer": "https://evil.example"}
    assert problem(await client.post("/api/session/organisation", json={})) == (503, "organisation_unavailable")


async def test_thin_tokens_are_completed_by_the_user_info_of_the_same_person(
    council: Council, client: httpx.AsyncClient
) -> None:
    council.fake.is_thin = True
    council.fake.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert await council.enter(client) == "/desk"
    council.fake.user_info = {"sub": "2"}
    assert await council.enter(client) == refused("organisation_invalid")


async def test_private_address_needs_the_operator_s_permission(store: Store) -> None:
    organisation = replace(COUNCIL, issuer="https://10.0.0.7")
    async with Http() as http, Desk(store, provider=OpenIdProvider(organisation, http)).browser() as client:
        reply = await client.post("/api/session/organisation", json={})
        assert problem(reply) == (503, "organisation_unavailable")


@ON_BOTH
async def test_claim_gives_roles_and_decides_who_is_administrator(store: Store, hall: Wall) -> None:
    await a_hall(store, "annex")
    grants = (
        Grant("crew", Role.MODERATOR, "hall"),
        Grant("leads", Role.ORGANISER, "*"),
        Grant("it", None),
        Grant("crew", Role.OWNER, "removed"),
    )
    council = Council(store, replace(COUNCIL, email_domains=(), claim="realm.groups", grants=grants))
    async with council.desk.browser() as client:
        assert await council.enter(client) == refused("organisation_not_welcome")
        roles = []
        for groups in (["crew"], ["leads", "it"], ["crew"], "crew", []):
            council.fake.person["realm"] = {"groups": groups}
            await council.enter(client)
            me = (await client.get("/api/session")).json()
            roles.append([(wall["slug"], wall["role"]) for wall in me["walls"]] + [me["account"]["is_admin"]])
    both = [("hall", "organiser"), ("annex", "organiser")]
    assert roles == [[("hall", "moderator"), False], [*both, True], [*both, False], [*both, False], [*both, False]]
    await council.http.aclose()


async def test_account_that_was_here_is_connected_by_its_owner_alone(
    council: Council, client: httpx.AsyncClient, store: Store
) -> None:
    await an_account(store, "robin@council.example")
    assert await council.enter(client) == refused("identity_unconnected")
    assert problem(await client.post("/api/session/organisation", json={"connect": True})) == (401, "not_signed_in")
    await log_in(client, "robin@council.example")
    assert await council.enter(client, connect=True, next="/desk/account") == "/desk/account"
    assert (await client.get("/api/session")).json()["ways"]["organisation"] is True
    async with council.desk.browser() as other:
        await an_account(store, "kim")
        await log_in(other)
        assert await council.enter(other, connect=True) == refused("identity_connected"), "of somebody else already"
        url = (await other.post("/api/session/organisation", json={"connect": True})).json()["url"]
        await log_in(other, "robin@council.example")
        council.fake.person["sub"] = "2"
        back = council.fake.sign_in(url)
        assert (await other.get(back)).headers["location"] == refused("organisation_invalid"), "another account now"
    council.desk.later(CONFIRMATION_LIFETIME)
    assert problem(await client.post("/api/session/organisation", json={"connect": True})) == (403, "confirm_password")


async def test_log_in_confirms_if_the_organisation_has_just_asked(
    council: Council, client: httpx.AsyncClient, store: Store
) -> None:
    await council.enter(client)
    assert problem(await client.post("/api/tokens", json=TOKEN)) == (403, "confirm_password")
    url = (await client.post("/api/session/organisation", json={"again": True})).json()["url"]
    assert "prompt=login&max_age=0" in url
    council.fake.faults = {"auth_time": int((AT - timedelta(hours=1)).timestamp())}
    assert (await client.get(council.fake.sign_in(url))).headers["location"] == refused("organisation_invalid")
    council.fake.faults = {}
    assert await council.enter(client, again=True) == "/desk"
    assert (await client.post("/api/tokens", json=TOKEN)).status_code == 201
    async with store.write() as db:
        await disable_account(db, await reread(store, "robin@council.example"), OPERATOR, AT)
    assert await council.enter(client) == refused("organisation_not_welcome")


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/desk/../w/hall", "/desk/é", "/deskevil"])
async def test_log_in_leads_within_the_desk_alone(council: Council, client: httpx.AsyncClient, path: str) -> None:
    assert await council.enter(client, next=path) == "/desk"


async def test_only_way_in_refuses_passwords_but_not_a_one_time_link(store: Store, kim: Account) -> None:
    council = Council(store, replace(COUNCIL, is_only_way=True))
    async with council.desk.browser() as client:
        reply = await log_in(client)
        assert problem(reply) == (403, "organisation_only")
        assert (
            reply.json()["detail"] == "Here one signs in through The council alone: use its button on the sign-in page."
        )
        ways = (await client.get("/api/session/ways")).json()
        assert (ways["passwords"], ways["passkeys"]["origin"]) == (False, None)
        assert problem(await client.post("/api/session/passkey/options")) == (403, "organisation_only")
        async with store.write() as db:
            token = (await make_password_link(db, kim, OPERATOR, AT)).token
        assert (await client.post("/api/setup", json={"token": token, "password": OTHER_PASSWORD})).status_code == 200
        change = {"current": OTHER_PASSWORD, "new": PASSWORD}
        assert problem(await client.put("/api/account/password", json=change)) == (403, "organisation_only")
        assert await council.enter(client) == "/desk"
    await council.http.aclose()
