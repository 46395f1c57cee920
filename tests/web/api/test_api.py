"""The API: the list of walls, and a correct OpenAPI description."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from aggregator.audit.actor import UNNAMED
from aggregator.runtime import Runtime
from aggregator.settings import Settings
from aggregator.store.store import Store
from aggregator.walls.walls import create_wall
from tests.conftest import ON_BOTH
from web.api.shapes import Alive, ListedWalls, Problem, Readiness, Records, Reset
from web.app import create_app

EVENTS = "text/event-stream"
RECORDS = "/api/walls/hall/records"
DESK = frozenset({"accounts", "members", "desk", "moderation", "sources"})
"""The tags of routes for those who are signed in, or want to be."""
PUBLIC = ["/api/walls", "/api/walls/{slug}/live", "/api/walls/{slug}/records", "/healthz", "/readyz"]


@pytest.fixture
async def client(store: Store, database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(data_dir=tmp_path, database_url=database_url, public_url="https://wall.example")
    app = create_app(Runtime(settings))
    asking = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall.example")
    async with app.router.lifespan_context(app), asking as client:
        yield client


@ON_BOTH
async def test_walls_are_those_that_are_listed(client: httpx.AsyncClient, store: Store) -> None:
    assert (await client.get("/api/walls")).json() == {"walls": []}
    async with store.write() as db:
        await create_wall(db, "hall", "The hall", hashtag="#socitm09", time_zone="Europe/London", by=UNNAMED)
        await create_wall(db, "staff", "Staff alone", listed=False, by=UNNAMED)
    reply = await client.get("/api/walls")
    assert reply.headers["cache-control"] == "public, max-age=5"
    assert reply.json() == {
        "walls": [
            {
                "slug": "hall",
                "name": "The hall",
                "hashtag": "socitm09",
                "time_zone": "Europe/London",
                "url": "https://wall.example/w/hall",
            }
        ]
    }


SHAPES: tuple[tuple[str, int, Any], ...] = (
    ("/api/walls", 200, ListedWalls),
    (RECORDS, 200, Records),
    (f"{RECORDS}?since=0", 200, Records),
    (f"{RECORDS}?limit=0", 422, Problem),
    (f"{RECORDS}?before=yesterday", 422, Problem),
    ("/api/walls/nope/records", 404, Problem),
    ("/api/walls/nope/live", 404, Problem),
    ("/api/walls/hall/live?since=x", 422, Problem),
    ("/api/nothing", 404, Problem),
    ("/healthz", 200, Alive),
    ("/readyz", 200, Readiness),
)


@ON_BOTH
async def test_replies_have_the_shape_that_is_described(client: httpx.AsyncClient, store: Store) -> None:
    async with store.write() as db:
        await create_wall(db, "hall", "The hall", by=UNNAMED)
    for path, status, shape in SHAPES:
        reply = await client.get(path)
        kinds = TypeAdapter(shape)
        seen = kinds.dump_python(kinds.validate_python(reply.json(), strict=True), exclude_unset=True)
        assert (path, reply.status_code, seen) == (path, status, reply.json())


def test_reset_has_the_shape_that_the_channel_sends() -> None:
    assert Reset.model_validate({"reset": True, "epoch": "a", "head": 7}, strict=True).head == 7


def is_public(operations: dict[str, Any]) -> bool:
    return "get" in operations and DESK.isdisjoint(operations["get"]["tags"])


async def test_description_names_every_reply_in_plain_words(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/openapi.json")).json()
    operations = {path: each["get"] for path, each in described["paths"].items() if is_public(each)}
    assert sorted(operations) == PUBLIC
    assert {path: sorted(each["responses"]) for path, each in operations.items()} == {
        "/api/walls": ["200", "503"],
        "/api/walls/{slug}/live": ["200", "404", "422", "503"],
        "/api/walls/{slug}/records": ["200", "304", "404", "422", "429", "503"],
        "/healthz": ["200"],
        "/readyz": ["200", "503"],
    }
    assert [each["summary"] for each in operations.values() if each["summary"].istitle()] == []
    assert "HTTPValidationError" not in described["components"]["schemas"]
    for path, each in operations.items():
        for status, reply in each["responses"].items():
            schemas = [content.get("schema") for content in reply.get("content", {}).values()]
            assert status == "304" or "text/event-stream" in reply["content"] or all(schemas), (path, status)
            assert {} not in schemas, (path, status)


async def test_description_of_the_desk_names_every_reply_in_plain_words(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/openapi.json")).json()
    private = [each for operations in described["paths"].values() for each in operations.values()]
    private = [each for each in private if not DESK.isdisjoint(each["tags"])]
    summaries = [each["summary"] for each in private]
    assert (len(set(summaries)), [each for each in summaries if each.istitle()]) == (len(private), [])
    for each in private:
        done = [status for status in each["responses"] if status.startswith("2")]
        refused = each["responses"].keys() - {*done}
        assert (bool(done), {"422", "503"} - refused) == (True, set()), each["summary"]
        for status in refused:
            [(kind, content)] = each["responses"][status]["content"].items()
            assert (kind, said_to_be_a_problem(content["schema"])) == ("application/problem+json", True)
        for content in [each["responses"][status]["content"] for status in done if status != "204"]:
            schema = content["application/json"]["schema"] if EVENTS not in content else {"$ref": EVENTS}
            assert "$ref" in schema or {"$ref"} == {name for one in schema["anyOf"] for name in one}


def said_to_be_a_problem(schema: dict[str, Any]) -> bool:
    named = [one["$ref"].rpartition("/")[2] for one in schema.get("anyOf", [])]
    return schema.get("title") == "ProblemDetails" or named == ["DecidedMeanwhileDetails", "ProblemDetails"]
