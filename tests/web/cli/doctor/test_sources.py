"""`doctor`'s checks of the sources, the credentials and file permissions."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.settings import Settings
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.timestamps import now
from tests.aggregator.invented import a_source, a_wall
from tests.wall_server import WallServer
from tests.web.cli.conftest import CommandLine
from tests.web.cli.doctor.test_command import examine
from web.cli.doctor import installation, sources
from web.cli.doctor.check import Status


def change(cli: CommandLine, words: str) -> None:
    with closing(sqlite3.connect(cli.folder / "data" / "backchannel.db")) as db, db:
        db.execute(words)


def test_doctor_counts_sources_that_fail(cli: CommandLine) -> None:
    cli.play({"text": "Hello from the quay"})
    _, found = examine(cli, PORT="0")
    assert (found["Sources"]["status"], found["Sources"]["message"]) == ("ok", "1 followed, none fails")
    change(cli, "UPDATE source SET trouble = 'It does not answer.'")
    name = cli.json("sources")[0]["value"]
    _, found = examine(cli, PORT="0")
    assert (found["Sources"]["status"], found["Sources"]["message"]) == ("warn", f"1 of 1 source fails: {name}.")
    assert re.search(r"^\d warnings? above: .*Sources", cli.run("doctor", code=None).stdout.splitlines()[-1])
    assert found["Sources"]["hint"] == "See the reasons: backchannel sources"


def test_doctor_warns_where_nothing_is_followed(cli: CommandLine) -> None:
    cli("wall", "create", "hall", "--name", "The hall")
    _, found = examine(cli, PORT="0")
    assert found["Sources"]["message"] == "Nothing is followed yet."


@pytest.mark.parametrize(
    ("role", "start"), [("web", "Start one beside this one"), ("all", "Restart the server, or start")]
)
async def test_doctor_finds_that_no_process_polls(store: Store, role: str, start: str) -> None:
    assert await sources.polling(store, role) == []
    source = await a_source(store, await a_wall(store), at=now())
    assert await sources.polling(store, role) == []
    async with store.write() as db:
        (await db.get_one(Source, source.id)).next_poll_at = now() - timedelta(minutes=7)
    [found] = await sources.polling(store, role)
    assert found.message == "A source has been due for 7 min, and no process polls it."
    assert found.hint == f"{start}: backchannel serve --role intake"
    async with store.write() as db:
        (await db.get_one(Source, source.id)).ended_at = now()
    assert await sources.polling(store, role) == []


async def test_doctor_does_not_take_an_intake_for_a_server_of_other_walls(store: Store) -> None:
    await a_wall(store)
    assert await sources.another_store(store, 1, "intake") == []
    assert [found.about for found in await sources.another_store(store, 1, "web")] == ["Server"]


def test_doctor_finds_tokens_that_the_secret_key_does_not_decrypt(cli: CommandLine) -> None:
    cli.play({"text": "Hello from the quay"})
    change(cli, "UPDATE source SET credentials = 'of another key'")
    code, found = examine(cli, PORT="0")
    assert (code, found["Secret key"]["status"]) == (1, "fail")
    assert found["Secret key"]["message"] == "The tokens of 1 of 1 source can't be decrypted."
    assert "secret key not found at" in found["Secret key"]["hint"]


def test_doctor_finds_what_other_users_of_the_machine_can_read(cli: CommandLine) -> None:
    cli("wall", "create", "hall", "--name", "The hall")
    data = cli.folder / "data"
    data.chmod(0o700)
    (data / "backchannel.db").chmod(0o644)
    _, found = examine(cli, PORT="0")
    assert "Privacy" not in found, "nobody comes as far as the file"
    data.chmod(0o755)
    _, found = examine(cli, PORT="0")
    assert found["Privacy"]["hint"] == f"chmod 600 {data}/backchannel.db"  # the last of two
    assert found["Privacy"]["message"] == f"Other users of this machine can read {data}/backchannel.db (0644)."


def test_doctor_finds_a_server_on_another_database(cli: CommandLine, wall_server: WallServer) -> None:
    cli.environment["BACKCHANNEL_DATA_DIR"] = str(cli.folder / "other")
    cli("wall", "create", "hall", "--name", "The hall")
    port = str(wall_server.port)
    assert "has another data folder or database" in examine(cli, PORT=port)[1]["Server"]["message"]
    wall_server.run("wall", "create", "hall", "--name", "The hall there")
    assert "has another data folder or database" in examine(cli, PORT=port)[1]["Server"]["message"]
    cli.environment["BACKCHANNEL_DATA_DIR"] = str(wall_server.data_dir)
    assert "Server" not in examine(cli, PORT=port)[1]


@pytest.mark.parametrize(
    ("host", "public_url", "statuses"),
    [
        ("127.0.0.1", "", []),
        ("0.0.0.0", "https://wall.example", []),
        ("0.0.0.0", "", [Status.WARN]),
        ("192.0.2.7", "", [Status.WARN]),
    ],
)
def test_a_server_that_others_can_reach_needs_a_public_url(host: str, public_url: str, statuses: list[Status]) -> None:
    found = list(installation.reachable(Settings(data_dir=Path(), host=host, public_url=public_url)))
    assert [each.status for each in found] == statuses
