"""Liveness, readiness and the request log."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI, WebSocket
from sqlalchemy import text

from aggregator import migrations
from aggregator.channel.hub import Hub
from aggregator.channel.publish import open_channel
from aggregator.logs import configure
from aggregator.role import Role
from aggregator.settings import LogFormat, LogLevel, Settings
from aggregator.store.disk import disk_full
from aggregator.store.store import Store
from tests.logs import kept_logging
from web import health, request_log


@pytest.fixture
async def hub(store: Store) -> AsyncIterator[Hub]:
    hub = Hub(store)
    hub.start()
    yield hub
    await hub.stop()


def app_over(store: Store, hub: Hub, *fallen: str, role: Role = Role.ALL) -> FastAPI:
    app = FastAPI()
    app.include_router(
        health.router(SimpleNamespace(settings=Settings(role=role), store=store, hub=hub, failed_workers=list(fallen)))
    )
    request_log.install(app)
    return app


async def ask(app: Any, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://wall") as client:
        return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


# --- alive and ready --------------------------------------------------------------------------------------------


async def test_healthz_says_ok_whatever_the_store_does() -> None:
    store = Store("postgresql://nobody@127.0.0.1:1/none")
    reply = await ask(app_over(store, Hub(store)), "/healthz")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})


async def test_readyz_says_yes_once_everything_runs(store: Store, hub: Hub) -> None:
    reply = await ask(app_over(store, hub), "/readyz")
    assert (reply.status_code, reply.json()) == (200, {"ready": True, "role": "all", "troubles": []})


async def test_readyz_counts_the_open_pages_for_this_machine_alone(store: Store, hub: Hub) -> None:
    async with store.write() as db:
        await open_channel(db, "hall/wall")
    fanout = await hub.fanout("hall/wall")
    following = fanout.follow("", -1)
    await anext(following)
    assert (await ask(app_over(store, hub), "/readyz")).json()["readers"] == {"hall/wall": 1}
    assert "readers" not in (await ask(app_over(store, hub), "/readyz", X_Forwarded_For="192.0.2.1")).json()
    await following.aclose()
    assert "readers" not in (await ask(app_over(store, hub), "/readyz")).json()


async def test_readyz_of_an_intake_asks_for_no_hub(store: Store) -> None:
    reply = await ask(app_over(store, Hub(store), role=Role.INTAKE), "/readyz")
    assert (reply.status_code, reply.json()) == (200, {"ready": True, "role": "intake", "troubles": []})


async def test_readyz_says_no_while_the_hub_rests(store: Store) -> None:
    reply = await ask(app_over(store, Hub(store)), "/readyz")
    assert (reply.status_code, reply.json()["troubles"]) == (503, ["The hub is not running."])


async def test_readyz_says_no_when_a_part_has_fallen(store: Store, hub: Hub) -> None:
    reply = await ask(app_over(store, hub, "intake"), "/readyz")
    sentence = "The intake has stopped: restart the server."
    assert (reply.status_code, reply.json()["troubles"]) == (503, [sentence])


async def test_readyz_says_no_when_the_database_s_disk_has_no_room(store: Store, hub: Hub) -> None:
    app = FastAPI()
    runtime = SimpleNamespace(settings=Settings(), store=store, hub=hub, failed_workers=[])
    app.include_router(health.router(runtime, least=2**62))
    reply = await ask(app, "/readyz")
    lacking = disk_full(store.database, least=2**62)
    assert (lacking is None) == (store.dialect == "postgresql")  # whose server looks after its own disk
    assert reply.json()["troubles"] == ([lacking.problem] if lacking else [])
    assert reply.status_code == (503 if lacking else 200)


async def test_readyz_says_no_when_the_schema_is_another(store: Store, hub: Hub) -> None:
    await set_version(store, "old")
    try:
        reply = await ask(app_over(store, hub), "/readyz")
    finally:
        await set_version(store, migrations.head())  # tests share the schema
    sentence = "Unknown database version old: it was written by a newer Backchannel."
    assert (reply.status_code, reply.json()["troubles"]) == (503, [sentence])


async def set_version(store: Store, version: str) -> None:
    async with store.write() as db:
        connection = await db.connection()
        await connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


async def test_an_unreachable_store_is_reported_without_its_password() -> None:
    store = Store("postgresql://nobody:secret@127.0.0.1:1/none")
    trouble = await health.store_problem(store)
    await store.close()
    assert trouble == "No response from the database server at 127.0.0.1."


async def test_a_file_that_is_not_a_database_is_reported(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("These are my notes. " * 100)
    store = Store(f"sqlite:///{tmp_path}/notes.db")
    trouble = await health.store_problem(store)
    await store.close()
    assert trouble == f"File is not a SQLite database, or is corrupt: {tmp_path}/notes.db."


async def test_an_empty_store_is_reported(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/new.db")
    trouble = await health.store_problem(store)
    await store.close()
    assert trouble == "The database is empty: start `backchannel serve` to bring its tables up to date."


# --- the request log --------------------------------------------------------------------------------------------


@pytest.fixture
def lines() -> Any:
    """Everything that is logged, as it would be written."""
    with kept_logging():
        stream = io.StringIO()
        configure(LogFormat.JSON, LogLevel.DEBUG, stream)
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def talkative() -> FastAPI:
    app = FastAPI()
    request_log.install(app)

    @app.get("/fine")
    async def fine() -> str:
        structlog.get_logger().info("working")
        return "fine"

    @app.get("/broken")
    async def broken() -> str:
        raise RuntimeError("a bug")

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    @app.websocket("/closed")
    async def closed(websocket: WebSocket) -> None:
        await websocket.close()

    return app


async def test_a_request_s_lines_and_its_reply_carry_one_id(lines: Any) -> None:
    reply = await ask(talkative(), "/fine", X_Request_ID="from-the-proxy.7")
    assert reply.headers["X-Request-ID"] == "from-the-proxy.7"
    told = [(line["message"], line["request_id"]) for line in lines() if line["message"] in {"working", "request"}]
    assert told == [("working", "from-the-proxy.7"), ("request", "from-the-proxy.7")]


@pytest.mark.parametrize("offered", ["", "a" * 65, "new\tline", "<script>"])
async def test_an_id_that_could_hurt_a_log_is_replaced(lines: Any, offered: str) -> None:
    reply = await ask(talkative(), "/fine", X_Request_ID=offered)
    given = reply.headers["X-Request-ID"]
    assert len(given) == 16
    assert int(given, 16) >= 0


async def test_each_request_gets_an_id_of_its_own(lines: Any) -> None:
    app = talkative()
    assert len({(await ask(app, "/fine")).headers["X-Request-ID"] for _ in range(3)}) == 3


@pytest.mark.parametrize(
    ("path", "status", "level"), [("/fine", 200, "debug"), ("/nothing", 404, "info"), ("/broken", 500, "error")]
)
async def test_the_request_line_has_its_outcome_and_a_level_to_match(
    lines: Any, path: str, status: int, level: str
) -> None:
    await ask(talkative(), f"{path}?token=secret")
    [line] = [line for line in lines() if line["message"] == "request"]
    assert line["ms"] >= 0
    assert {name: line[name] for name in ("method", "path", "status", "level")} == {
        "method": "GET",
        "path": path,
        "status": status,
        "level": level,
    }


async def connect(app: Any, path: str) -> dict[str, Any]:
    """The first message with which the application answers a WebSocket handshake."""
    scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": []}
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]


async def test_web_sockets_have_their_id_and_their_line_too(lines: Any) -> None:
    app = talkative()
    accepted, refused = await connect(app, "/socket"), await connect(app, "/closed")
    told = [line for line in lines() if line["message"] == "request"]
    assert refused["type"] == "websocket.close"
    assert dict(accepted["headers"])[b"x-request-id"] == told[0]["request_id"].encode()
    assert [(line["method"], line["path"], line["status"]) for line in told] == [
        ("WEBSOCKET", "/socket", 101),
        ("WEBSOCKET", "/closed", 403),
    ]
