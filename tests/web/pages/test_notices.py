"""Error pages: not found, failed, not built."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from aggregator.store.store import Store
from tests.web.pages.small_build import build_wall, make_app, visit


async def test_an_unknown_address_leads_home(client: httpx.AsyncClient) -> None:
    reply = await client.get("/nothing/here")
    assert reply.status_code == 404
    assert "There is nothing at this address." in reply.text
    assert ways_on(reply) == [("/", "See the walls of this server")]


async def test_screen_of_a_wall_that_is_gone_does_not_light_up_the_hall(client: httpx.AsyncClient) -> None:
    assert '<main class="notice in-hall">' in (await client.get("/w/none?screen")).text
    assert '<main class="notice">' in (await client.get("/w/none")).text


async def test_program_is_told_in_a_sentence_what_is_not_there(client: httpx.AsyncClient) -> None:
    program = {"Accept": "*/*"}
    for path, sentence in (
        ("/nothing/here", "There is nothing at this address."),
        ("/w/none", "There is no wall “none”."),
        ("/w/none/card.png", "There is no wall “none”."),
        ("/w/none/manifest.webmanifest", "There is no wall “none”."),
    ):
        reply = await client.get(path, headers=program)
        assert (reply.status_code, reply.json(), reply.headers["cache-control"]) == (
            404,
            {"detail": sentence},
            "no-store",
        )
    refused = await client.post("/w/none", headers=program)
    assert (refused.status_code, refused.json()) == (405, {"detail": "Method not allowed here."})
    assert refused.headers["allow"]


def ways_on(reply: httpx.Response) -> list[tuple[str, str]]:
    return re.findall(r'<a href="([^"]*)">([^<]+)</a>', reply.text)


async def test_a_failure_is_admitted_without_its_details(client: httpx.AsyncClient) -> None:
    reply = await client.get("/broken")
    assert (reply.status_code, "Something went wrong here." in reply.text, "fuse" in reply.text) == (500, True, False)
    assert ways_on(reply) == [("", "Try again"), ("/", "See the walls of this server")]
    program = await client.get("/broken", headers={"Accept": "*/*"})
    assert program.json() == {"detail": "Something went wrong here."}


async def test_a_server_without_its_browser_side_says_what_to_do(store: Store, tmp_path: Path) -> None:
    await build_wall(store)
    async for client in visit(make_app(store, tmp_path / "none")):
        reply = await client.get("/w/hall")
        assert (reply.status_code, "run make install" in reply.text) == (503, True)
        assert (await client.get("/")).status_code == 200


async def test_an_unavailable_database_is_reported_on_the_wall_s_page(static: Path) -> None:
    store = Store("postgresql://wall:s3cret@127.0.0.1:1/wall")
    async for client in visit(make_app(store, static)):
        reply = await client.get("/w/hall")
        program = await client.get("/w/hall", headers={"Accept": "*/*"})
    await store.close()
    assert (reply.status_code, program.status_code) == (503, 503)
    assert "<h1>This wall is temporarily unavailable.</h1>" in reply.text
    assert ways_on(reply) == [("", "Try again"), ("/", "See the walls of this server")]
    assert [reply.headers[name] for name in ("Retry-After", "Refresh", "Cache-Control")] == ["5", "5", "no-store"]
    assert program.json() == {"detail": "Database unavailable: try again in a few seconds."}
    assert "refresh" not in program.headers
    assert "s3cret" not in reply.text + program.text
