"""The settings of each connection."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from sqlalchemy import text

from aggregator.store.store import Store
from tests.postgres import Postgres

SETTINGS = text(
    "SELECT name, setting FROM pg_settings WHERE name IN"
    " ('idle_in_transaction_session_timeout', 'tcp_keepalives_idle', 'tcp_user_timeout', 'application_name')"
)


async def test_a_server_lets_go_of_what_we_have_forgotten(postgres: Postgres) -> None:
    """In milliseconds; keepalive in seconds."""
    store = Store(f"{postgres.url('postgres')}?application_name=hall")
    async with store.read() as db:
        connection = await db.connection()
        found = {row.name: row.setting for row in await connection.execute(SETTINGS)}
        raw: Any = (await connection.get_raw_connection()).driver_connection
        line = raw._transport.get_extra_info("socket")
        ours = [
            line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
            line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
        ]
    await store.close()
    assert found == {
        "application_name": "hall",
        "idle_in_transaction_session_timeout": "60000",
        "tcp_keepalives_idle": "15",
        "tcp_user_timeout": "15000",
    }
    assert ours == [1, 15, 15000]


async def test_a_server_is_found_by_its_socket_too(postgres: Postgres) -> None:
    url = postgres.url("postgres").replace("127.0.0.1", str(postgres.folder).replace("/", "%2F"))
    store = Store(url)
    async with store.read() as db:
        assert (await (await db.connection()).execute(text("SELECT 1"))).scalar_one() == 1
    await store.close()


async def test_pages_are_read_while_pollers_have_all_their_connections(postgres: Postgres) -> None:
    store = Store(postgres.url("postgres"))
    held = [store.write() for _ in range(10)]
    for each in held:
        await (await (await each.__aenter__()).connection()).execute(text("SELECT 1"))
    async with store.read() as db:
        assert (await (await db.connection()).execute(text("SELECT 1"))).scalar_one() == 1
    for each in held:
        await each.__aexit__(None, None, None)
    await store.close()


async def test_sqlite_s_readers_hold_less_of_it_than_its_writer(tmp_path: Path) -> None:
    """In kilobytes: five readers with the writer's cache would need a third of a gigabyte."""
    store = Store(f"sqlite:///{tmp_path}/wall.db")
    caches = []
    for open_session in (store.read, store.write):
        async with open_session() as db:
            caches.append((await (await db.connection()).execute(text("PRAGMA cache_size"))).scalar_one())
    await store.close()
    assert caches == [-8192, -65536]
