"""Server-sent events: the same frames without a WebSocket."""

import asyncio
from pathlib import Path

import httpx
import pytest

from aggregator.channel.publish import close_channel
from aggregator.store.store import Store
from tests.web.served import PATH, Served, events, keys


async def test_events_carry_the_same_frames(served: Served) -> None:
    place = await served.place()
    await served.say("x")
    ((name, frame),) = await events(served, place, 1)
    line = await served.hub.fanout("a/wall")
    assert (name, keys(frame)) == (f"{line.epoch}:1", ["x"])


@pytest.mark.parametrize("by", ["header", "query"])
async def test_events_resume_after_the_last_one(served: Served, by: str) -> None:
    for key in "xyz":
        await served.say(key)
    line = await served.hub.fanout("a/wall")
    last = f"{line.epoch}:2"
    query, headers = ("", {"Last-Event-ID": last}) if by == "header" else (f"?lastEventId={last}", {})
    ((_, frame),) = await events(served, query, 1, headers)
    assert keys(frame) == ["z"]


@pytest.mark.parametrize("last", ["nonsense", "E:", ":1", "E:-1", "E:" + "9" * 5000])
async def test_events_with_a_strange_last_id_start_with_a_reset(served: Served, last: str) -> None:
    ((_, frame),) = await events(served, "", 1, {"Last-Event-ID": last})
    assert frame["reset"] is True


async def test_events_of_an_unknown_wall_are_not_found(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        reply = await client.get("/api/walls/nowhere/live")
    assert (reply.status_code, reply.json()["detail"]) == (404, "There is no wall “nowhere”.")


async def test_events_end_silently_if_the_database_is_unavailable(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """A reader ahead of the fanout makes it read the database first."""
    line = await served.hub.fanout("a/wall")
    await served.store.close()
    overwrite(served.store)
    async with httpx.AsyncClient(base_url=served.url) as client:
        reply = await client.get(f"{PATH}?epoch={line.epoch}&since=9")
    assert (reply.status_code, reply.text) == (200, "")
    assert caplog.records == []


def overwrite(store: Store) -> None:
    Path(store.database.location).write_bytes(b"This is not a database any more." * 1000)


async def test_events_end_when_the_wall_is_removed(served: Served) -> None:
    async with (
        asyncio.timeout(30),
        httpx.AsyncClient(base_url=served.url) as client,
        client.stream("GET", PATH + await served.place()) as reply,
    ):
        lines = reply.aiter_lines()
        assert (await anext(lines)).startswith("id: ")
        async with served.store.write() as db:
            await close_channel(db, "a/wall")
        assert [line async for line in lines if line.startswith("id: ")] == []
        assert (await client.get(PATH)).status_code == 404
