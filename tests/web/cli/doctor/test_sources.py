"""What `doctor` finds in what the walls follow, and in who may read what is stored."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aggregator.settings import Settings
from tests.wall_server import WallServer
from tests.web.cli.conftest import CommandLine
from tests.web.cli.doctor.test_command import examine
from web.cli.doctor import installation
from web.cli.doctor.check import Status


def change(cli: CommandLine, words: str) -> None:
    with closing(sqlite3.connect(cli.folder / "data" / "backchannel.db")) as db, db:
        db.execute(words)


def test_doctor_counts_sources_that_fail(cli: CommandLine) -> None:
    cli.play({"text": "Hello from the quay"})
    _, found = examine(cli, PORT="0")
    assert (found["Sources"]["verdict"], found["Sources"]["says"]) == ("well", "1 followed, none fails")
    change(cli, "UPDATE source SET trouble = 'It does not answer.'")
    _, found = examine(cli, PORT="0")
    assert (found["Sources"]["verdict"], found["Sources"]["says"]) == ("note", "1 of 1 source fails.")
    assert found["Sources"]["mend"] == "Each with its reason: backchannel sources"


def test_doctor_says_where_nothing_is_followed(cli: CommandLine) -> None:
    cli("wall", "create", "hall", "--name", "The hall")
    _, found = examine(cli, PORT="0")
    assert found["Sources"]["says"] == "Nothing is followed yet."


def test_doctor_finds_tokens_that_the_secret_key_does_not_open(cli: CommandLine) -> None:
    cli.play({"text": "Hello from the quay"})
    change(cli, "UPDATE source SET credentials = 'of another key'")
    code, found = examine(cli, PORT="0")
    assert (code, found["Secret key"]["verdict"]) == (1, "mend")
    assert found["Secret key"]["says"] == "The tokens of 1 of 1 source cannot be decrypted."
    assert "secret key not found at" in found["Secret key"]["mend"]


def test_doctor_finds_what_other_users_of_the_machine_can_read(cli: CommandLine) -> None:
    cli("wall", "create", "hall", "--name", "The hall")
    data = cli.folder / "data"
    data.chmod(0o700)
    (data / "backchannel.db").chmod(0o644)
    _, found = examine(cli, PORT="0")
    assert "Privacy" not in found, "nobody comes as far as the file"
    data.chmod(0o755)
    _, found = examine(cli, PORT="0")
    assert found["Privacy"]["mend"] == f"chmod 600 {data}/backchannel.db"  # the last of two
    assert found["Privacy"]["says"] == f"Other users of this machine can read {data}/backchannel.db (0644)."


def test_doctor_finds_a_server_that_shows_other_walls_than_the_commands_change(
    cli: CommandLine, wall_server: WallServer
) -> None:
    cli.environment["BACKCHANNEL_DATA_DIR"] = str(cli.folder / "other")
    cli("wall", "create", "hall", "--name", "The hall")
    port = str(wall_server.port)
    assert "has another data folder or database" in examine(cli, PORT=port)[1]["Server"]["says"]
    wall_server.run("wall", "create", "hall", "--name", "The hall there")
    assert "has another data folder or database" in examine(cli, PORT=port)[1]["Server"]["says"]
    cli.environment["BACKCHANNEL_DATA_DIR"] = str(wall_server.data_dir)
    assert "Server" not in examine(cli, PORT=port)[1]


@pytest.mark.parametrize(
    ("host", "public_url", "verdicts"),
    [
        ("127.0.0.1", "", []),
        ("0.0.0.0", "https://wall.example", []),
        ("0.0.0.0", "", [Status.WARN]),
        ("192.0.2.7", "", [Status.WARN]),
    ],
)
def test_a_server_that_others_reach_needs_its_address(host: str, public_url: str, verdicts: list[Status]) -> None:
    found = list(installation.reachable(Settings(data_dir=Path(), host=host, public_url=public_url)))
    assert [each.verdict for each in found] == verdicts
