"""What strangers wrote is not read on the event loop: it goes on turning while a hostile page is read."""

from __future__ import annotations

import asyncio
import json

import httpx

from connectors.http.client import Http
from connectors.networks.mastodon.connector import Mastodon
from tests.fakes.mastodon_entities import new_account, new_status

SERVER = "https://peer.example"
TURNS = 500
"""Of the loop: read on the loop itself, a page leaves it a few dozen, one between two steps of the request."""


def hostile_page(count: int) -> bytes:
    rows = []
    for n in range(count, 0, -1):
        status = new_status(SERVER, str(10**17 + n), f"u{n}")
        account = new_account(SERVER, f"u{n}", n) | {"note": "#x" + "<ul><li>" * 2_000}
        rows.append(status | {"account": account, "content": f"<p>{n}</p>" + "<ul><li>" * 2_000})
    return json.dumps(rows).encode()


async def test_loop_goes_on_while_a_hostile_page_is_read() -> None:
    body = hostile_page(35)

    def answer(request: httpx.Request) -> httpx.Response:
        is_first = "max_id" not in request.url.params and "min_id" not in request.url.params
        return httpx.Response(200, content=body if is_first else b"[]")

    connector = Mastodon()
    address = connector.recognise("#conf", SERVER)
    assert address is not None
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with Http(transport=httpx.MockTransport(answer), per_second=1_000) as http:
        ticker = asyncio.create_task(tick())
        page = await connector.poll(http, address, "")
        ticker.cancel()
    assert len(page.posts) == 35
    assert turns > TURNS
