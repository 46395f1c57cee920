"""Two processes on one database, one that polls and one that serves: real ones, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlmodel import select
from websockets.sync.client import connect

from aggregator.items.tables import StoredPost
from aggregator.store.store import Store
from aggregator.timestamps import now
from tests.wall_server import WallServer
from web.cli.doctor.sources import served_role

NOTICED_WITHIN = 15.0
"""Seconds. A hub looks at the store once a second; the machine of the tests may be busy."""


@pytest.fixture
def processes(tmp_path: Path, database_url: str) -> Iterator[dict[str, WallServer]]:
    """`web` and `intake`, answering, over one database and one data folder."""
    with ExitStack() as stack:
        servers = {}
        for role in ("web", "intake"):
            server = WallServer(tmp_path, BACKCHANNEL_ROLE=role, BACKCHANNEL_DATABASE_URL=database_url)
            server.start()
            stack.callback(server.stop)
            servers[role] = server
        yield servers


def archive(folder: Path) -> str:
    lines = [
        {"archive": 1, "name": "Small Talk", "hashtag": "small", "time_zone": "Europe/London"},
        {
            "act": "person",
            "id": "ada",
            "name": "Ada",
            "handle": "@ada@quay.example",
            "url": "https://quay.example/@ada",
        },
        {"act": "post", "t": 0, "by": "ada", "id": "p1", "text": "Hello from the quay"},
    ]
    file = folder / "small.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(file)


def get(url: str) -> Any:
    with urlopen(url, timeout=60) as reply:
        return json.loads(reply.read())


def next_post(reader: Any) -> Any:
    """The next frame that has one."""
    while True:
        frame = json.loads(reader.recv(timeout=30))
        for record in frame.get("records", []):
            if record["kind"] == "post":
                return record


async def test_post_that_one_process_polls_reaches_a_reader_of_the_other(
    processes: dict[str, WallServer], tmp_path: Path, database_url: str
) -> None:
    web, intake = processes["web"], processes["intake"]
    web.run("wall", "create", "hall", "--name", "The hall")
    head = get(f"{web.url}/api/walls/hall/records")
    live = f"{web.url.replace('http', 'ws')}/api/walls/hall/live?epoch={head['epoch']}&since={head['head']}"
    with connect(live) as reader:
        web.run("rehearse", archive(tmp_path), "--wall", "hall", "--rate", "10000", "--no-loop")
        post = next_post(reader)
        arrived_at = now()
    assert post["body"]["html"] == "<p>Hello from the quay</p>"
    store = Store(database_url)
    async with store.read() as db:
        stored_at = (await db.exec(select(StoredPost.first_seen_at))).one()
    await store.close()
    assert (arrived_at - stored_at).total_seconds() < NOTICED_WITHIN
    ready = get(f"{web.url}/readyz") | {"readers": {}}  # the reader may still be leaving
    assert ready == {"ready": True, "role": "web", "troubles": [], "readers": {}}
    assert get(f"{intake.url}/readyz") == {"ready": True, "role": "intake", "troubles": []}
    with pytest.raises(HTTPError, match="404"):
        get(f"{intake.url}/w/hall")
    intake.kill()
    assert get(f"{web.url}/api/walls/hall/records")["head"] > head["head"]


def test_each_process_says_what_it_leaves_to_the_other(processes: dict[str, WallServer]) -> None:
    assert {role: served_role(server.port) for role, server in processes.items()} == {"web": "web", "intake": "intake"}
    said = processes["web"].log.read_text()  # both write there
    assert "No polling here: run backchannel serve --role intake beside it." in said
    assert "Backchannel polls, without pages: run backchannel serve --role web beside it." in said
    assert f"Health: http://localhost:{processes['intake'].port}/readyz" in said
    assert processes["web"].stop() == processes["intake"].stop() == 0
