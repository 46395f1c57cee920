"""The settings of a wall over HTTP."""

from __future__ import annotations

import httpx
import pytest

from aggregator.accounts.roles import Role
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import a_member, a_session, told
from tests.aggregator.invented import announced
from tests.web.desk import Desk, problem

HALL = "/api/walls/hall"


@pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)
async def test_organiser_changes_what_is_given_and_the_wall_says_so(desk: Desk, store: Store, wall: Wall) -> None:
    organiser = await a_member(store, wall, Role.ORGANISER)
    begun = await a_session(store, organiser.account)
    async with desk.browser(Cookie=f"__Host-backchannel={begun.token}") as client:
        before = (await client.get(HALL)).json()
        given = {"name": "Harbour 26", "hashtag": "#harbour26", "accent": "#1f6feb", "begins": "2026-06-09"}
        reply = await client.patch(HALL, json=given | {"time_zone": "Europe/London", "mode": "trusted"})
        changed = {"name": "Harbour 26", "hashtag": "harbour26", "accent": "#1f6feb", "mode": "trusted"}
        changed |= {"begins_at": "2026-06-08T23:00:00Z", "time_zone": "Europe/London"}
        assert reply.json() == before | changed
        assert (await announced(store, wall))["look"] == {"accent": "#1f6feb"}
        [entry] = await told(store)
        assert entry[:3] == ("person:organiser", "change", "wall")
        cleared = await client.patch(HALL, json={"accent": "", "begins": "", "listed": False})
        assert cleared.json() == before | changed | {"accent": "", "begins_at": None, "listed": False}
        for wrong in ({"hashtag": "a b"}, {"time_zone": "Mars"}, {"accent": "red"}, {"name": ""}, {"slug": "else"}):
            assert problem(await client.patch(HALL, json=wrong)) == (422, "invalid"), wrong
        assert (await client.get(HALL)).json() == cleared.json()


async def test_moderator_sees_the_settings_and_changes_none(client: httpx.AsyncClient) -> None:
    assert (await client.get(HALL)).json()["name"] == "Hall"
    assert problem(await client.patch(HALL, json={"name": "Mine"})) == (403, "permission_denied")
