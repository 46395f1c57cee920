"""The desk's records and its live channel, which ends with the right to see it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from aggregator.accounts.access import Principal
from aggregator.accounts.members import remove_member
from aggregator.accounts.sessions import NewSession, log_out
from aggregator.moderation.decisions import hide
from aggregator.sources.tables import Source
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import AT, OPERATOR, a_session
from tests.aggregator.invented import LEE, ONE
from tests.web.desk import Desk
from tests.web.served import hear, running
from web.websocket import LiveProtocol

RECORDS, LIVE = "/api/walls/hall/desk/records", "/api/walls/hall/desk/live"
NOW_AND_THEN = 0.05


@pytest.fixture
async def strict(store: Store) -> AsyncIterator[Desk]:
    """A desk that checks open connections many times in a second."""
    desk = Desk(store, recheck_interval=NOW_AND_THEN)
    desk.hub.start()
    yield desk
    await desk.hub.stop()


async def test_records_of_the_desk_have_posts_in_every_state_and_are_not_stored(
    client: httpx.AsyncClient, store: Store, wall: Wall
) -> None:
    async with store.write() as db:
        await hide(db, wall, ONE, LEE, "spam")
    reply = await client.get(RECORDS)
    assert (reply.headers["cache-control"], "etag" in reply.headers) == ("no-store", False)
    bodies = {each["key"]: each["body"] for each in reply.json()["records"] if each["kind"] == "post"}
    assert (bodies[ONE]["state"], bodies[ONE]["why"], bodies[ONE]["version"]) == ("hidden", "spam", 2)
    later = (await client.get(RECORDS, params={"since": reply.json()["head"]})).json()
    assert (later["records"], later["head"]) == ([], reply.json()["head"])
    assert (await client.get(RECORDS, params={"before": "soon"})).json()["code"] == "invalid"


@pytest.mark.parametrize("protocol", [LiveProtocol, WebSocketsSansIOProtocol])
async def test_live_desk_is_closed_when_the_right_to_see_it_ends(
    strict: Desk, store: Store, source: Source, moderator: Principal, protocol: type[asyncio.Protocol]
) -> None:
    """When the session has ended, and when the role was taken."""
    first, second = [await a_session(store, moderator.account) for _ in range(2)]
    async with store.read() as db:
        wall = await db.get_one(Wall, source.wall_id)
    async with running(strict.app, protocol) as (_, port), asyncio.timeout(30):
        url = f"ws://127.0.0.1:{port}{LIVE}"
        lines = [await connect(url, additional_headers=cookie_of(each)) for each in (first, second)]
        assert [(await hear(line))["reset"] for line in lines] == [True, True]
        async with store.write() as db:
            await hide(db, wall, ONE, LEE)
        for line in lines:
            [record] = (await hear(line))["records"]
            assert (record["key"], record["body"]["state"]) == (ONE, "hidden")
        async with store.write() as db:
            await log_out(db, first.token)
        assert await closed_with(lines[0]) == 4401
        async with store.write() as db:
            await remove_member(db, wall, stored_id(moderator.account), by=OPERATOR, at=AT)
        assert await closed_with(lines[1]) == 4403


def cookie_of(begun: NewSession) -> dict[str, str]:
    return {"Cookie": f"__Host-backchannel={begun.token}"}


async def closed_with(line: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            await line.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


async def test_events_of_the_desk_end_when_the_right_to_see_it_ends(
    store: Store, wall: Wall, source: Source, moderator: Principal
) -> None:
    desk = Desk(store, recheck_interval=0.0)  # each frame is checked
    desk.hub.start()
    begun = await a_session(store, moderator.account)
    frames: list[dict[str, Any]] = []
    async with (
        running(desk.app, LiveProtocol) as (_, port),
        asyncio.timeout(30),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=cookie_of(begun)) as client,
        client.stream("GET", LIVE) as reply,
    ):
        assert reply.headers["cache-control"] == "no-store"
        async for text in reply.aiter_lines():
            if text.startswith("data: "):
                frames.append(json.loads(text[6:]))
                async with store.write() as db:
                    await log_out(db, begun.token)
                async with store.write() as db:
                    await hide(db, wall, ONE, LEE)
    await desk.hub.stop()
    assert [set(each) for each in frames] == [{"reset", "epoch", "head"}]
