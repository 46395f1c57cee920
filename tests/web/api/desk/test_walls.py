"""Walls made and removed over HTTP."""

from __future__ import annotations

from datetime import timedelta

from aggregator.accounts.members import list_members
from aggregator.accounts.roles import Role
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall, list_walls
from tests.accounts import a_member, a_session, an_account, told
from tests.web.desk import Desk, problem

NEW = {"slug": "harbour26", "name": "Harbour 26", "hashtag": "#harbour26", "time_zone": "Europe/London"}


async def test_administrator_makes_a_wall_and_owns_it(desk: Desk, store: Store, wall: Wall) -> None:
    begun = await a_session(store, await an_account(store, is_admin=True))
    async with desk.browser(Cookie=f"__Host-backchannel={begun.token}") as client:
        made = await client.post("/api/walls", json=NEW | {"accent": "#1f6feb", "begins": "2026-06-09"})
        assert (made.status_code, made.json()) == (201, (await client.get("/api/walls/harbour26")).json())
        assert (made.json()["hashtag"], made.json()["begins_at"]) == ("harbour26", "2026-06-08T23:00:00Z")
        async with store.read() as db:
            [(member, account)] = await list_members(db, await find_wall(db, "harbour26"))
        assert (account.login, member.role) == ("kim", Role.OWNER)
        assert [entry[:3] for entry in await told(store, 2)] == [
            ("person:kim", "create", "wall"),
            ("person:kim", "change", "member"),
        ]
        assert problem(await client.post("/api/walls", json=NEW)) == (409, "slug_taken")
        for field, wrong in {"slug": "Harbour 26", "hashtag": "a b", "accent": "red", "time_zone": "Mars"}.items():
            reply = await client.post("/api/walls", json=NEW | {"slug": "new", field: wrong})
            assert (problem(reply), reply.json()["field"]) == ((422, "invalid"), field)
    async with store.read() as db:
        assert [each.slug for each in await list_walls(db)] == [wall.slug, "harbour26"]


async def test_owner_removes_a_wall_by_its_name_and_a_fresh_password(desk: Desk, store: Store, wall: Wall) -> None:
    owner = await a_member(store, wall, Role.OWNER)
    begun = await a_session(store, owner.account)
    async with desk.browser(Cookie=f"__Host-backchannel={begun.token}") as client:
        assert problem(await client.delete("/api/walls/hall?name=Hull")) == (409, "other_name")
        desk.later(timedelta(hours=1))
        assert problem(await client.delete("/api/walls/hall?name=Hall")) == (403, "confirm_password")
        desk.later(timedelta(hours=-1))
        assert (await client.delete("/api/walls/hall?name=%20Hall")).status_code == 204
        assert problem(await client.get("/api/walls/hall")) == (404, "not_found")
