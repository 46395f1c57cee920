"""The history of a wall over HTTP: filtered, told with what posts say now, and exported."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import httpx
import pytest

from aggregator.accounts.access import Principal
from aggregator.accounts.members import set_role
from aggregator.accounts.roles import Role
from aggregator.audit.tables import Action, AuditEntry
from aggregator.audit.trail import forget_addresses, list_entries
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.timestamps import now, to_micros, to_wire
from aggregator.walls.tables import Wall
from tests.accounts import AT, OPERATOR, PASSWORD, a_member, a_session
from tests.aggregator.invented import BEN, ONE, TWO
from tests.web.desk import HERE, Desk, log_in

HALL = "/api/walls/hall"
FORMULA = "=HYPERLINK(A1)"


@pytest.fixture
async def leader(desk: Desk, store: Store, wall: Wall) -> httpx.AsyncClient:
    """An organiser's browser."""
    begun = await a_session(store, (await a_member(store, wall, Role.ORGANISER)).account)
    return desk.browser("2001:db8:1:2::3", Cookie=f"__Host-backchannel={begun.token}")


async def test_history_is_filtered_and_tells_what_posts_say(client: httpx.AsyncClient) -> None:
    before = to_wire(to_micros(now() - timedelta(minutes=1)))
    await client.post(f"{HALL}/posts/{ONE}/hide", json={"why": "off topic"})
    await client.post(f"{HALL}/authors/trust", json={"handle": BEN.handle})

    async def actions(**query: str) -> list[str]:
        reply = await client.get(f"{HALL}/history", params=query)
        return [each["action"] for each in reply.json()["entries"]]

    assert await actions() == ["trust", "hide", "follow", "create"]
    assert await actions(actor="moderator") == ["trust", "hide"]
    assert await actions(actor_kind="person", action="hide") == ["hide"]
    assert await actions(subject="ben@invented.example") == ["trust"]
    assert (await actions(since=before), await actions(until=before)) == (["trust", "hide", "follow", "create"], [])
    hidden = (await client.get(f"{HALL}/history", params={"action": "hide"})).json()["entries"][0]
    assert hidden["subject"]["post"]["words"]
    assert (hidden["before"], hidden["after"], hidden["address"]) == ("live", "hidden", "")
    actors = (await client.get(f"{HALL}/history/actors")).json()["actors"]
    assert {"kind": "person", "name": "moderator"} in actors
    assert (await client.get(f"{HALL}/history", params={"since": "2009-10-12T09:30:00"})).status_code == 422


async def test_export_has_all_but_what_posts_say(
    client: httpx.AsyncClient, leader: httpx.AsyncClient, store: Store, wall: Wall, moderator: Principal
) -> None:
    await client.post(f"{HALL}/posts/{ONE}/hide", json={"why": FORMULA})
    await client.post(f"{HALL}/posts/{TWO}/withdraw")
    async with store.write() as db:
        await set_role(db, wall, stored_id(moderator.account), Role.AUTHOR, by=OPERATOR, at=AT)
    reply = await leader.get(f"{HALL}/history/export", params={"format": "csv"})
    assert reply.headers["content-disposition"] == 'attachment; filename="history-hall.csv"'
    text = reply.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(each["action"], each["subject_kind"]) for each in rows[:3]] == [
        ("change", "member"),
        ("withdraw", "post"),
        ("hide", "post"),
    ]
    assert (rows[2]["reason"], rows[2]["address"]) == (f"'{FORMULA}", "203.0.113.0/24")
    exported = (await leader.get(f"{HALL}/history/export", params={"format": "json", "action": "hide"})).json()
    assert [(each["subject"], each["reason"], each["before"]) for each in exported] == [(ONE, FORMULA, "live")]
    for said in ("Words of", "Ada", "invented.example/"):
        assert said not in text
    nothing = await leader.get(f"{HALL}/history/export", params={"format": "json", "actor": "nobody"})
    assert nothing.json() == []
    assert (await client.get(f"{HALL}/history/export")).status_code == 403


async def test_team_and_addresses_are_told_to_those_who_lead_it(
    client: httpx.AsyncClient, leader: httpx.AsyncClient, store: Store, desk: Desk
) -> None:
    await client.post(f"{HALL}/posts/{ONE}/hide")
    await leader.post(f"{HALL}/invitations", json={"role": "author"})
    told = (await leader.get(f"{HALL}/history")).json()["entries"]
    assert [(each["action"], each["address"]) for each in told[:2]] == [
        ("invite", "2001:db8:1::/48"),
        ("hide", "203.0.113.0/24"),
    ]
    assert "invite" not in (await client.get(f"{HALL}/history")).text
    async with desk.browser(HERE) as stranger:
        assert (await log_in(stranger, "moderator", PASSWORD)).status_code == 200
    async with store.read() as db:
        [newest, *_] = await list_entries(db)
    assert (newest.action, newest.by.name, newest.address) == (Action.LOG_IN, "moderator", "203.0.113.0/24")
    async with store.write() as db:
        await forget_addresses(db, now() + timedelta(days=91))
        assert {each.address for each in await list_entries(db)} == {""}
        assert isinstance(newest, AuditEntry)


async def test_several_acts_are_undone_by_one_request(client: httpx.AsyncClient) -> None:
    acts = [(await client.post(f"{HALL}/posts/{id_}/hide")).json()["entry"] for id_ in (ONE, TWO)]
    reply = await client.post(f"{HALL}/history/undo", json={"entries": [*reversed(acts), acts[0], 999]})
    assert [
        (each["undid"], each["changed"], each["restored"], (each["problem"] or {}).get("code"))
        for each in reply.json()["results"]
    ] == [
        (acts[1], True, 1, None),
        (acts[0], True, 1, None),
        (acts[0], False, 0, "not_undoable"),
        (999, False, 0, "not_found"),
    ]
    assert (await client.post(f"{HALL}/history/undo", json={"entries": [1] * 101})).status_code == 422
