"""HEAD, for monitors and link checkers: GET's reply without a body."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from aggregator.audit.actor import UNNAMED
from aggregator.runtime import Runtime
from aggregator.settings import Settings
from aggregator.store.store import Store
from aggregator.walls.walls import create_wall
from web.app import create_app

PATHS = [
    *("/", "/w/hall", "/w/nowhere", "/healthz", "/readyz"),
    *("/robots.txt", "/w/hall/card.png", "/w/hall/manifest.webmanifest", "/icon-192.png", "/favicon.ico"),
    "/api/walls",
    *("/api/walls/hall/records", "/api/walls/nowhere/records", "/api/walls/hall/records?limit=0", "/favicon.svg"),
]


@pytest.fixture
async def client(store: Store, database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Runtime(Settings(data_dir=tmp_path, database_url=database_url)))
    async with store.write() as db:
        await create_wall(db, "hall", "The hall", by=UNNAMED)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hall.example") as client:
            yield client


async def test_head_answers_like_get_without_a_body(client: httpx.AsyncClient) -> None:
    for path in PATHS:
        head, get = await client.head(path), await client.get(path)
        answers = [(path, reply.status_code, reply.headers["content-type"]) for reply in (head, get)]
        assert answers[0] == answers[1]
        assert (path, head.content) == (path, b"")


async def test_refusal_of_a_method_names_those_that_are_answered(client: httpx.AsyncClient) -> None:
    for path in [*PATHS, "/api/walls/hall/live"]:
        reply = await client.delete(path)
        answered = "GET, HEAD" if (await client.head(path)).status_code != 405 else "GET"
        allowed = ", ".join(sorted(reply.headers["allow"].split(", ")))
        assert (path, reply.status_code, allowed) == (path, 405, answered)


@pytest.mark.parametrize("path", ["/healthz/", "/api/walls/hall/records/", "/assets/"])
async def test_host_that_was_asked_for_leads_nobody_elsewhere(client: httpx.AsyncClient, path: str) -> None:
    reply = await client.get(path, headers={"Host": "elsewhere.example"})
    assert (reply.status_code, reply.headers.get("location")) == (404, None)


async def test_the_description_of_the_api_names_each_operation_once(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    asked = [method for operations in paths.values() for method in operations]
    names = [operation["operationId"] for operations in paths.values() for operation in operations.values()]
    assert set(asked) == {"get", "post", "put", "patch", "delete"}
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/w/nowhere", "text/html", 404),
        ("/api/walls/nowhere/records", "*/*", 404),
        ("/api/walls/hall/records?limit=0", "*/*", 422),
        ("/nothing", "*/*", 404),
    ],
)
async def test_what_is_not_there_may_be_there_the_next_moment(
    client: httpx.AsyncClient, path: str, accept: str, status: int
) -> None:
    """A cached 404 would outlive the wall's creation."""
    reply = await client.get(path, headers={"Accept": accept})
    assert (reply.status_code, reply.headers["cache-control"]) == (status, "no-store")


async def test_a_question_without_sense_is_answered_in_plain_words(client: httpx.AsyncClient) -> None:
    reply = await client.get("/api/walls/hall/records?limit=0&since=x")
    assert reply.json() == {"detail": "`since`: it must be a whole number, such as 3. `limit`: it must be 1 or more."}
