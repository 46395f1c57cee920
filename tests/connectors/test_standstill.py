"""Strangers' bytes are not parsed on the event loop: it keeps turning while a hostile page is read."""

from __future__ import annotations

import asyncio
import json
import time
from statistics import median
from typing import Self

import httpx

from connectors.http.client import Http
from connectors.networks.mastodon.connector import Mastodon
from tests.fakes.mastodon_entities import new_account, new_status

SERVER = "https://peer.example"
COUNT = 40
MAX_PAUSE = 0.02  # seconds
"""The loop thread's own processor time between two of its turns, in most of a few polls: other programs take part of
the machine, but not of this, and a page parsed on the loop takes longer each time."""
POLLS = 4


def hostile_page(poll: int, count: int) -> bytes:
    """A page with other statuses in each poll, since unchanged ones are not read again."""
    rows = []
    for n in range(poll * 1_000 + count, poll * 1_000, -1):
        status = new_status(SERVER, str(10**17 + n), f"u{n}")
        account = new_account(SERVER, f"u{n}", n) | {"note": "#x" + "<ul><li>" * 2_000}
        rows.append(status | {"account": account, "content": f"<p>{n}</p>" + "<ul><li>" * 2_000})
    return json.dumps(rows).encode()


class LoopPauses:
    """Notices each turn of the loop; `longest` is the most processor time between two of them, in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._tick())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)
        self._task.cancel()

    async def _tick(self) -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest, before = max(self.longest, now - before), now


async def test_loop_goes_on_while_a_hostile_page_is_read() -> None:
    """The first poll starts the sandbox, and a collection of garbage may fall into another."""
    bodies, pauses = iter([hostile_page(poll, COUNT) for poll in range(POLLS)]), []

    def answer(request: httpx.Request) -> httpx.Response:
        is_first = "max_id" not in request.url.params and "min_id" not in request.url.params
        return httpx.Response(200, content=next(bodies) if is_first else b"[]")

    connector = Mastodon()
    address = connector.recognise("#conf", SERVER)
    assert address is not None
    async with Http(transport=httpx.MockTransport(answer), per_second=1_000) as http:
        for _ in range(POLLS):
            async with LoopPauses() as loop:
                page = await connector.poll(http, address, "")
            assert len(page.posts) == COUNT
            pauses.append(loop.longest)
    assert median(pauses[1:]) < MAX_PAUSE, pauses


async def test_loop_pauses_notices_a_standstill() -> None:
    async with LoopPauses() as loop:
        until = time.thread_time() + MAX_PAUSE
        while time.thread_time() < until:
            pass
    assert loop.longest >= MAX_PAUSE
