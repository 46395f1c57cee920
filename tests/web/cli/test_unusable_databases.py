"""An unusable database: one check of `doctor`, one sentence of every other command, and no traceback."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Postgres

REPLACE = "Move the file away, or restore it from a backup."
CAPABILITIES_VERSION = 0x20080522
OVERRIDES = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, in the first word of a set."""


def found(cli: Any) -> dict[str, dict[str, str]]:
    """The checks of `doctor` by name. The exit code is 1 if one failed."""
    cli.environment["BACKCHANNEL_PORT"] = "0"
    result = cli.run("doctor", "--json", code=None)
    checks = {each["about"]: each for each in json.loads(result.stdout)}
    assert result.exit_code == int(any(each["status"] == "fail" for each in checks.values()))
    return checks


def execute(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


def damage(file: Path) -> None:
    with file.open("r+b") as content:
        content.seek(100)
        content.write(b"\xff" * 4000)


def from_the_future(file: Path) -> None:
    execute(file, "UPDATE alembic_version SET version_num = '9999'")


def another_program_s(file: Path) -> None:
    file.unlink()
    execute(file, "CREATE TABLE notes (words TEXT)")


def no_database(file: Path) -> None:
    file.write_bytes(b"These are my notes. " * 100)


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("spoil", "message", "hint"),
    [
        (damage, "Database is corrupt: {file}.", REPLACE),
        (no_database, "File is not a SQLite database, or is corrupt: {file}.", REPLACE),
        (
            a_folder,
            "Unable to open the database file {file}.",
            "Make sure that its folder exists, and that this user may read and write in it.",
        ),
        (
            from_the_future,
            "Unknown database version 9999: it was written by a newer Backchannel.",
            "Install the newer Backchannel again, or restore a backup from before the upgrade.",
        ),
        (
            another_program_s,
            "Unknown tables in the database: it belongs to another program.",
            "Name another database in BACKCHANNEL_DATABASE_URL, or move this one away.",
        ),
    ],
)
def test_an_unusable_file_is_reported(cli: Any, spoil: Callable[[Path], None], message: str, hint: str) -> None:
    cli("wall", "create", "quay", "--name", "Quay")
    file = cli.folder / "data" / "backchannel.db"
    spoil(file)
    check = found(cli)["Database"]
    assert check == {"about": "Database", "status": "fail", "message": message.format(file=file), "hint": hint}
    for command in (["walls"], ["serve"], ["poll", "--once"], ["hide", "abc", "--wall", "hall"]):
        assert cli.refused(*command) == f"{message.format(file=file)} {hint}"


@pytest.mark.new_machine
def test_a_file_of_another_program_is_left_as_it_is(cli: Any) -> None:
    (cli.folder / "data").mkdir()
    file = cli.folder / "data" / "backchannel.db"
    execute(file, "CREATE TABLE notes (words TEXT)")
    before = file.read_bytes()
    found(cli)
    cli.refused("walls")
    assert file.read_bytes() == before


def test_a_missing_folder_is_reported(cli: Any) -> None:
    folder = cli.folder / "nowhere"
    cli.environment["BACKCHANNEL_DATABASE_URL"] = f"sqlite:///{folder}/wall.db"
    check = found(cli)["Database"]
    assert check["status"] == "fail"
    assert check["message"] == f"No such folder: {folder}, which should hold the database."
    assert check["hint"] == "Create the folder, or correct BACKCHANNEL_DATABASE_URL."
    assert cli.refused("walls").startswith(f"Unable to open the database file {folder}/wall.db. ")


@pytest.mark.new_machine
def test_a_data_folder_that_is_a_file_is_reported(cli: Any) -> None:
    (cli.folder / "data").touch()
    check = found(cli)["Data folder"]
    assert check["status"] == "fail"
    assert check["message"] == f"{cli.folder}/data isn't a folder."
    assert check["hint"] == "Move it away, or set BACKCHANNEL_DATA_DIR to a folder."


@pytest.fixture
def closed(cli: Any) -> Iterator[None]:
    """Make the folder unreadable for this user; root drops the capabilities that would read it all the same."""
    cli.folder.chmod(0)
    try:
        with without_overrides() if os.geteuid() == 0 else nullcontext():
            yield
    finally:
        cli.folder.chmod(0o700)


@contextmanager
def without_overrides() -> Iterator[None]:
    """Run as root but obey file modes (capabilities(7)). Files that root owns stay readable."""
    system = ctypes.CDLL(None, use_errno=True)
    this_thread = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0)
    had, has = (ctypes.c_uint32 * 6)(), (ctypes.c_uint32 * 6)()
    for sets in (had, has):
        assert system.capget(this_thread, sets) == 0
    has[0] &= ~OVERRIDES
    assert system.capset(this_thread, has) == 0
    try:
        yield
    finally:
        assert system.capset(this_thread, had) == 0


@pytest.mark.usefixtures("closed")
def test_an_unreadable_data_folder_is_reported(cli: Any) -> None:
    check = found(cli)["Data folder"]
    assert check["status"] == "fail"
    assert check["message"] == f"Permission denied: this user can't read and write in {cli.folder}/data."
    assert check["hint"] == "Give this user the right to, or set BACKCHANNEL_DATA_DIR to another folder."
    data = f"{cli.folder}/data"
    assert (
        cli.refused("walls")
        == f"“{data}” can't be used: permission denied. Give this user the right to read and write there."
    )
    assert cli.refused("wall", "create", "quay", "--name", "Quay") == (
        f"BACKCHANNEL_DATA_DIR: cannot create the folder “{data}”: give this user permission, or name another folder."
    )


@pytest.mark.usefixtures("closed")
def test_an_unreadable_database_is_reported(cli: Any) -> None:
    cli.environment["BACKCHANNEL_DATABASE_URL"] = f"sqlite:///{cli.folder}/wall.db"
    check = found(cli)["Database"]
    assert check["status"] == "fail"
    assert check["message"] == f"Permission denied: this user can't read the database {cli.folder}/wall.db."
    assert check["hint"] == "Give this user the right to read and write it."


def test_an_empty_database_is_a_warning(cli: Any, postgres: Postgres) -> None:
    name = asyncio.run(postgres.create())
    cli.environment["BACKCHANNEL_DATABASE_URL"] = postgres.url(name)
    assert found(cli)["Database"] == {
        "about": "Database",
        "status": "warn",
        "message": "It is empty.",
        "hint": "The first wall creates its tables.",
    }
    cli("wall", "create", "quay", "--name", "Quay")
    assert found(cli)["Database"]["message"] == "postgresql, up to date"
    asyncio.run(postgres.drop(name))
