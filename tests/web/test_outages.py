"""The database fails while the wall is served, and recovers: replies for readers and operators."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.postgres import Postgres
from tests.wall_server import WallServer

TIMEOUT = 30.0
DETAIL = "Database unavailable: try again in a few seconds."


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[tuple[WallServer, Postgres]]:
    """A wall on which the rehearsal plays, over a PostgreSQL that can be stopped."""
    with Postgres() as postgres:
        server = WallServer(tmp_path, BACKCHANNEL_DATABASE_URL=postgres.url(await postgres.create()))
        server.run("rehearse", "--rate", "20")
        server.start()
        try:
            yield server, postgres
        finally:
            server.stop()


async def until(asked: Callable[[], Awaitable[bool]]) -> None:
    give_up_at = time.monotonic() + TIMEOUT
    while not await asked():
        assert time.monotonic() < give_up_at, "it did not come to pass"
        await asyncio.sleep(0.1)


async def hears_news(line: ClientConnection) -> None:
    """Returns with the next frame that has records."""
    async with asyncio.timeout(TIMEOUT):
        while not json.loads(await line.recv()).get("records"):
            pass


async def close_code(url: str) -> int | None:
    """The close code of a connection that ends before its first message."""
    async with connect(url) as line:
        with pytest.raises(ConnectionClosed) as closed:
            await line.recv()
    return closed.value.rcvd.code if closed.value.rcvd else None


async def test_a_wall_outlives_its_database_s_absence(hall: tuple[WallServer, Postgres]) -> None:
    server, postgres = hall
    records, live = "/api/walls/rehearsal/records", f"{server.url.replace('http', 'ws')}/api/walls/rehearsal/live"
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client, connect(live) as line:

        async def is_ready() -> bool:
            return (await client.get("/readyz")).status_code == 200

        async def has_grown() -> bool:
            return bool((await client.get(records)).json()["head"] > before)

        await hears_news(line)
        before = (await client.get(records)).json()["head"]
        postgres.halt()

        reply = await client.get(records)
        assert (reply.status_code, reply.json(), reply.headers["retry-after"]) == (503, {"detail": DETAIL}, "5")
        page = await client.get("/", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["retry-after"], page.headers["refresh"]) == (503, "5", "5")
        assert "<h1>This wall is temporarily unavailable.</h1>" in page.text
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["troubles"]) == (
            503,
            ["No response from the database server at 127.0.0.1."],
        )
        assert await close_code(live.replace("rehearsal", "another")) == 1013

        postgres.resume()
        await until(is_ready)
        await hears_news(line)
        await until(has_grown)  # what the line had may be from before the absence


async def test_a_line_that_cannot_begin_is_closed_with_a_word(hall: tuple[WallServer, Postgres]) -> None:
    """A reader ahead of the fanout makes it read the database first."""
    server, postgres = hall
    live = f"{server.url.replace('http', 'ws')}/api/walls/rehearsal/live"
    async with connect(live) as line:
        epoch = json.loads(await line.recv())["epoch"]
        postgres.halt()
        assert await close_code(f"{live}?epoch={epoch}&since=1000000") == 1013
