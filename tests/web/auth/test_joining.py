"""The ways onto a desk over HTTP: the first account, a new password, an invitation; then members and API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from aggregator.accounts.roles import Role
from aggregator.accounts.setup_links import LINK_LIFETIME, make_first_link, make_password_link
from aggregator.accounts.tables import Account
from aggregator.retention.walls import remove_wall
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import AT, OPERATOR, OTHER_PASSWORD, PASSWORD, a_hall, a_member
from tests.web.desk import URL, Desk, log_in, problem

LEE: dict[str, Any] = {"login": "Lee", "name": "Lee", "password": PASSWORD}
WEEK = "2026-06-16T08:00:00Z"


async def first_link(store: Store) -> str:
    async with store.write() as db:
        link = await make_first_link(db, OPERATOR, AT)
    assert link is not None
    return link.token


async def invite(client: httpx.AsyncClient, role: Role = Role.MODERATOR) -> dict[str, Any]:
    """An invitation with the secret of its link as `token`."""
    reply = await client.post("/api/walls/hall/invitations", json={"role": role})
    assert reply.status_code == 201
    made: dict[str, Any] = reply.json()
    return made | {"token": made["url"].removeprefix(f"{URL}/desk/invitation#")}


@pytest.fixture
async def owner(store: Store, hall: Wall, client: httpx.AsyncClient) -> Account:
    """The owner of the wall, who is signed in in `client`."""
    member = await a_member(store, hall, Role.OWNER)
    assert (await log_in(client, "owner")).status_code == 200
    return member.account


async def test_first_account_is_signed_in_at_once(desk: Desk, client: httpx.AsyncClient, store: Store) -> None:
    token = await first_link(store)
    told = await client.post("/api/setup/check", json={"token": token})
    assert told.json() == {"purpose": "first_account", "account": None, "expires_at": "2026-06-10T08:00:00Z"}
    incomplete = await client.post("/api/setup", json={"token": token, "password": PASSWORD})
    assert problem(incomplete) == (422, "invalid")
    await a_hall(store)
    reply = await client.post("/api/setup", json={"token": token, **LEE})
    assert reply.json()["account"] == {"id": 1, "login": "lee", "name": "Lee", "is_admin": True}
    [wall] = reply.json()["walls"]
    assert (wall["slug"], wall["role"], len(wall["permissions"])) == ("hall", None, 5)
    assert (await client.get("/api/session")).json() == reply.json()
    assert problem(await client.post("/api/setup", json={"token": token, **LEE})) == (404, "invalid_link")


async def test_new_password_by_link_signs_in_here_alone(
    desk: Desk, client: httpx.AsyncClient, store: Store, kim: Account
) -> None:
    async with store.write() as db:
        token = (await make_password_link(db, kim, OPERATOR, AT)).token
    told = (await client.post("/api/setup/check", json={"token": token})).json()
    assert (told["purpose"], told["account"]["login"]) == ("new_password", "kim")
    async with desk.browser() as elsewhere:
        await log_in(elsewhere)
        reply = await client.post("/api/setup", json={"token": token, "password": OTHER_PASSWORD})
        assert reply.json()["account"]["login"] == "kim"
        assert problem(await elsewhere.get("/api/session")) == (401, "not_signed_in")
        assert problem(await log_in(elsewhere)) == (401, "login_failed")
        assert (await log_in(elsewhere, password=OTHER_PASSWORD)).status_code == 200


async def test_link_that_has_expired_is_worth_nothing(desk: Desk, client: httpx.AsyncClient, store: Store) -> None:
    token = await first_link(store)
    desk.later(LINK_LIFETIME)
    for path, body in [("/api/setup/check", {}), ("/api/setup", LEE)]:
        assert problem(await client.post(path, json={"token": token, **body})) == (404, "invalid_link")


async def test_invitation_leads_a_new_account_to_the_wall(
    desk: Desk, client: httpx.AsyncClient, owner: Account
) -> None:
    made = await invite(client)
    expected = {"role": "moderator", "made_by": "owner", "created_at": "2026-06-09T08:00:00Z", "expires_at": WEEK}
    listed = (await client.get("/api/walls/hall/invitations")).json()
    assert listed == {"invitations": [expected | {"id": made["id"]}]}
    async with desk.browser() as newcomer:
        told = await newcomer.post("/api/invitations/check", json={"token": made["token"]})
        assert told.json() == {"slug": "hall", "name": "The hall", "role": "moderator", "expires_at": WEEK}
        taken = await newcomer.post("/api/invitations/accept", json={"token": made["token"], **LEE, "login": "Owner"})
        assert problem(taken) == (409, "login_taken")
        reply = await newcomer.post("/api/invitations/accept", json={"token": made["token"], **LEE})
        assert [(wall["slug"], wall["role"]) for wall in reply.json()["walls"]] == [("hall", "moderator")]
        assert (await newcomer.get("/api/session")).json() == reply.json()
        again = await newcomer.post("/api/invitations/accept", json={"token": made["token"]})
        assert problem(again) == (404, "invalid_link")
    assert (await client.get("/api/walls/hall/invitations")).json() == {"invitations": []}


async def test_invitation_leads_a_signed_in_account_to_the_wall(
    desk: Desk, client: httpx.AsyncClient, owner: Account, kim: Account
) -> None:
    async with desk.browser() as member:
        await log_in(member)
        session = (await member.get("/api/session")).json()["session"]["id"]
        made = await invite(client, Role.AUTHOR)
        reply = await member.post("/api/invitations/accept", json={"token": made["token"]})
        assert (reply.json()["walls"][0]["role"], reply.json()["session"]["id"]) == ("author", session)
        lower = await invite(client, Role.AUTHOR)
        reply = await member.post("/api/invitations/accept", json={"token": lower["token"]})
        assert problem(reply) == (409, "already_member")
    path = f"/api/walls/hall/invitations/{lower['id']}"
    assert [(await client.delete(path)).status_code for _ in range(2)] == [204, 404]


async def test_members_are_listed_changed_and_removed(
    desk: Desk, client: httpx.AsyncClient, store: Store, owner: Account, hall: Wall
) -> None:
    author = (await a_member(store, hall, Role.AUTHOR)).account
    rows = (await client.get("/api/walls/hall/members")).json()["members"]
    assert rows[1] == {
        "account": {"id": author.id, "login": "author", "name": "Author"},
        "role": "author",
        "joined_at": "2026-06-09T08:00:00Z",
    }
    members = "/api/walls/hall/members"
    changed = await client.put(f"{members}/{author.id}", json={"role": "organiser"})
    assert (changed.status_code, changed.headers["cache-control"]) == (204, "no-store")
    async with desk.browser() as organiser:
        await log_in(organiser, "author")
        reply = await organiser.put(f"{members}/{owner.id}", json={"role": "author"})
        assert problem(reply) == (403, "permission_denied")
    assert problem(await client.delete(f"{members}/{owner.id}")) == (409, "last_owner")
    assert [(await client.delete(f"{members}/{author.id}")).status_code for _ in range(2)] == [204, 404]
    for path in (f"{members}/0", f"{members}/{2**31}", f"{members}/x"):
        assert problem(await client.delete(path)) == (422, "invalid")


async def test_wall_that_is_not_there_is_told_without_naming_others(
    client: httpx.AsyncClient, store: Store, owner: Account, hall: Wall
) -> None:
    async with store.write() as db:
        await remove_wall(db, hall, OPERATOR)
    await a_hall(store, "secret")
    for slug in ("hall", "none", "%00", "Hall"):
        reply = await client.get(f"/api/walls/{slug}/members")
        assert problem(reply) == (404, "not_found")
        assert "secret" not in reply.text


async def test_api_token_acts_until_it_is_revoked(
    desk: Desk, client: httpx.AsyncClient, store: Store, owner: Account
) -> None:
    made = (await client.post("/api/tokens", json={"name": "Export", "scopes": ["members"], "days": 30})).json()
    secret = made.pop("secret")
    async with desk.browser(Authorization=f"Bearer {secret}") as program:
        me = (await program.get("/api/session")).json()
        assert (me["session"], me["walls"][0]["permissions"]) == (None, ["members"])
        desk.later(timedelta(hours=1))
        assert (await program.get("/api/walls/hall/members")).status_code == 200
        member = f"/api/walls/hall/members/{owner.id}"
        assert problem(await program.put(member, json={"role": "author"})) == (403, "permission_denied")
        assert problem(await program.get("/api/tokens")) == (403, "session_only")
        listed = (await client.get("/api/tokens")).json()
        assert listed == {"tokens": [made | {"used_at": "2026-06-09T09:00:00Z"}]}
        assert (await client.delete(f"/api/tokens/{made['id']}")).status_code == 204
        assert problem(await program.get("/api/session")) == (401, "not_signed_in")
    assert problem(await client.delete(f"/api/tokens/{made['id']}")) == (404, "not_found")
    assert problem(await client.delete("/api/tokens/%00")) == (422, "invalid")
