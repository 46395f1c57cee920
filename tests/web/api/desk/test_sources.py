"""The sources of a wall over HTTP."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from aggregator.accounts.roles import Role
from aggregator.sources.credentials import Vault
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.tables import Wall
from connectors.contract import Page
from connectors.errors import NotFound, RateLimited
from tests.accounts import a_member, a_session, told
from tests.aggregator.invented import NETWORK, START, a_source, a_wall, said, source_now
from tests.web.api.desk.sources import SECRET, SOURCES, Network, listed
from tests.web.desk import Desk, problem


async def test_dry_run_shows_the_newest_posts_and_follows_nothing(
    organiser: httpx.AsyncClient, network: Network
) -> None:
    network.replies = [Page(posts=(said("1", "<p>Good <b>morning</b>.</p>", created_at=START),), more=True)]
    reply = await organiser.post(SOURCES, json={"text": "#harbour26", "dry_run": True})
    preview = reply.json()["preview"]
    assert (reply.status_code, reply.json()["source"], reply.json()["change"]) == (200, None, None)
    assert (preview["posts"], preview["more"], preview["stops"], preview["value"]) == (1, True, False, "harbour26")
    assert [(each["author"], each["words"]) for each in preview["newest_posts"]] == [("Ada Quill", "Good morning.")]
    assert await listed(organiser) == []


@pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)
async def test_source_is_followed_with_credentials_that_are_never_returned(
    organiser: httpx.AsyncClient, store: Store
) -> None:
    body = {"text": "#harbour26", "options": {"none": ["ad"]}, "credentials": {"token": SECRET}}
    first = await organiser.post(SOURCES, json=body)
    assert first.status_code == 201
    assert first.json()["change"] == {"made": True, "resumed": False, "options": False, "credentials": "given"}
    [entry] = await told(store)
    assert entry[:3] == ("person:organiser", "follow", "source")
    again = await organiser.post(SOURCES, json={"text": "#harbour26"})
    assert again.json()["change"] == {"made": False, "resumed": False, "options": True, "credentials": "kept"}
    [row] = await listed(organiser)
    assert (row["health"], row["has_token"], row["options"]) == ("new", True, {})
    assert row["listening"] == {"since": None, "polled_because": "", "told": 0, "found": 0, "hours": 6}
    assert SECRET not in first.text + again.text + str(row)
    forgotten = await organiser.post(SOURCES, json={"text": "#harbour26", "credentials": {}})
    assert forgotten.json()["change"]["credentials"] == "removed"
    wrong = await organiser.post(SOURCES, json={"text": "#harbour26", "credentials": {"password": SECRET}})
    assert (problem(wrong), SECRET in wrong.text) == ((422, "invalid"), False)


async def test_server_without_a_secret_key_says_so_without_its_paths(store: Store, wall: Wall, tmp_path: Path) -> None:
    blind = Desk(store, connectors={NETWORK: Network()}, vault=Vault(tmp_path / "absent" / "secret.key"))
    begun = await a_session(store, (await a_member(store, wall, Role.ORGANISER)).account)
    async with blind.browser(Cookie=f"__Host-backchannel={begun.token}") as client:
        reply = await client.post(SOURCES, json={"text": "#harbour26", "credentials": {"token": SECRET}})
        assert (problem(reply), str(tmp_path) in reply.text) == ((503, "no_credentials"), False)
        assert await listed(client) == []


async def test_check_that_fails_follows_nothing_unless_it_is_asked_to(
    organiser: httpx.AsyncClient, network: Network
) -> None:
    network.replies = [
        NotFound("No such hashtag on quay.example."),
        NotFound("Still none."),
        RateLimited("Busy.", 60.0),
    ]
    refused = await organiser.post(SOURCES, json={"text": "#quay"})
    assert (problem(refused), refused.json()["detail"]) == ((422, "check_failed"), "No such hashtag on quay.example.")
    assert await listed(organiser) == []
    anyway = await organiser.post(SOURCES, json={"text": "#quay", "anyway": True})
    assert (anyway.status_code, anyway.json()["preview"]["trouble"]) == (201, "Still none.")
    busy = await organiser.post(SOURCES, json={"text": "#pier"})
    assert (busy.status_code, len(await listed(organiser))) == (201, 2)
    for wrong in ({"text": "#pier", "network": "elsewhere"}, {"text": "#pier", "options": {"all": 1}}):
        assert problem(await organiser.post(SOURCES, json=wrong)) == (422, "invalid"), wrong


async def test_source_is_polled_soon_and_unfollowed(organiser: httpx.AsyncClient, store: Store, wall: Wall) -> None:
    source = await a_source(store, wall)
    async with store.write() as db:
        later = await db.get_one(Source, source.id)
        later.next_poll_at, later.trouble, later.polled_at = now().replace(year=2999), "Timed out.", now()
    [row] = await listed(organiser)
    assert (row["health"], row["trouble"]) == ("failing", "Timed out.")
    polled = await organiser.post(f"{SOURCES}/{source.id}/poll")
    assert polled.status_code == 202
    assert (await source_now(store, source)).next_poll_at <= now()
    assert (await organiser.delete(f"{SOURCES}/{source.id}")).json() == {"entry": None, "changed": True, "posts": 0}
    assert (await listed(organiser), (await told(store))[0][:2]) == ([], ("person:organiser", "unfollow"))
    assert problem(await organiser.post(f"{SOURCES}/{source.id}/poll")) == (404, "not_found")


async def test_source_of_another_wall_is_out_of_reach(organiser: httpx.AsyncClient, store: Store) -> None:
    other = await a_source(store, await a_wall(store, "other"))
    assert problem(await organiser.delete(f"{SOURCES}/{other.id}")) == (404, "not_found")
    assert problem(await organiser.post(f"{SOURCES}/{other.id}/poll")) == (404, "not_found")
    assert (await source_now(store, other)).ended_at is None


async def test_moderator_sees_no_sources(client: httpx.AsyncClient) -> None:
    assert problem(await client.get(SOURCES)) == (403, "permission_denied")
