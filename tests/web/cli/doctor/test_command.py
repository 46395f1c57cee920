"""`doctor`: its checks of a machine, and the hints."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, update

from aggregator.items.tables import StoredPost
from aggregator.settings import Settings
from aggregator.store.store import Store
from aggregator.timestamps import now
from connectors.registry import Registry
from tests.wall_server import WallServer
from web.cli.doctor import installation, machine
from web.cli.doctor.check import Check, Status


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens without answering."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port: int = other.getsockname()[1]
        yield port


def examine(cli: Any, **settings: str) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code of `doctor`, and its checks by name."""
    cli.environment |= {f"BACKCHANNEL_{name}": value for name, value in settings.items()}
    result = cli.run("doctor", "--json", code=None)
    return result.exit_code, {each["about"]: each for each in json.loads(result.stdout)}


def passed(checks: list[Check]) -> bool:
    return all(check.status == Status.OK for check in checks)


# --- the command ------------------------------------------------------------------------------------------------


@pytest.mark.new_machine
def test_doctor_passes_a_new_installation(cli: Any) -> None:
    _, found = examine(cli, PORT="0", CONTACT="https://harbour26.example/")
    assert found["Database"]["status"] == "warn"
    assert found["Database"]["message"] == f"No database yet: {cli.folder}/data/backchannel.db."
    assert not (cli.folder / "data").exists()
    failed = {about for about, each in found.items() if each["status"] == "fail"}
    assert failed <= {"Web assets"}  # a checkout may not be built yet


def test_doctor_s_exit_code_is_1_if_a_check_fails(cli: Any) -> None:
    code, found = examine(cli, PORT="0")
    assert code == int(any(each["status"] == "fail" for each in found.values()))
    assert examine(cli, PROT="1")[0] == 1


def test_doctor_explains_each_setting_with_its_value_and_where_that_comes_from(cli: Any) -> None:
    _, found = examine(cli, PORT="0", ALLOW_HOSTS="10.0.0.0/8,localhost")
    for name, field in Settings.model_fields.items():
        assert found[f"BACKCHANNEL_{name.upper()}"]["message"].endswith(f")  {field.description}")
    assert found["BACKCHANNEL_ALLOW_HOSTS"]["message"].startswith("10.0.0.0/8, localhost  (environment)  ")
    assert found["BACKCHANNEL_HOST"]["message"].startswith("127.0.0.1  (default)  ")
    assert found["BACKCHANNEL_CONTACT"]["message"].startswith("(empty)  (default)  ")


def test_doctor_prints_the_changed_settings_and_with_all_every_one(cli: Any) -> None:
    cli.environment |= {"BACKCHANNEL_PORT": "0", "BACKCHANNEL_PROT": "1"}
    said = cli.run("doctor", code=1).stdout
    assert "✓ BACKCHANNEL_PORT  0\n" in said
    assert "BACKCHANNEL_HOST" not in said
    assert "other settings have their defaults: doctor --all explains each" in said
    assert "✓ BACKCHANNEL_HOST  127.0.0.1  (default)  " in cli.run("doctor", "--all", code=1).stdout


def test_doctor_never_shows_the_database_s_password(cli: Any) -> None:
    cli.environment["BACKCHANNEL_DATABASE_URL"] = "postgresql://wall:s3cret@127.0.0.1:1/wall"
    result = cli.run("doctor", code=1)
    assert "postgresql://wall:***@127.0.0.1:1/wall" in result.stdout
    assert "s3cret" not in result.output


def test_doctor_prints_hints(cli: Any) -> None:
    cli.environment |= {"BACKCHANNEL_PROT": "9000", "BACKCHANNEL_PORT": "0"}
    lines = cli.run("doctor", code=1).stdout.splitlines()
    at = lines.index("✗ BACKCHANNEL_PROT  Unknown setting.")
    assert lines[at + 1] == "    → Correct its spelling, or unset it."
    assert lines[-1] in {"1 problem found.", "2 problems found."}


def test_doctor_names_each_bad_setting_and_stops_there(cli: Any) -> None:
    code, found = examine(cli, PORT="eighty", LOG_LEVEL="loud")
    assert code == 1
    assert found["BACKCHANNEL_PORT"]["message"] == "it must be a whole number, such as 3."
    assert found["BACKCHANNEL_LOG_LEVEL"]["status"] == "fail"
    assert "Database" not in found


def test_doctor_passes_a_database_in_use(cli: Any) -> None:
    cli.play({"text": "one"})
    _, found = examine(cli, PORT="0")
    assert found["Database"] == {"about": "Database", "status": "ok", "message": "sqlite, up to date", "hint": ""}
    assert found["Clock"]["status"] == "ok"


def test_doctor_finds_a_clock_that_is_behind_the_newest_post(cli: Any) -> None:
    cli.play({"text": "one"}, {"text": "two"})
    asyncio.run(date_the_second(f"sqlite:///{cli.folder}/data/backchannel.db", now() + timedelta(hours=1)))
    _, found = examine(cli, PORT="0")
    assert found["Clock"]["hint"] == "Set this machine's clock, best by NTP."


async def date_the_second(url: str, moment: datetime) -> None:
    store = Store(url)
    async with store.write() as db:
        await db.exec(update(StoredPost).where(col(StoredPost.n) == 2).values(first_seen_at=moment))
    await store.close()


@pytest.mark.new_machine
def test_doctor_finds_a_file_that_is_not_a_database(cli: Any) -> None:
    (cli.folder / "data").mkdir()
    file = cli.folder / "data" / "backchannel.db"
    file.write_text("These are my notes. " * 100)
    _, found = examine(cli, PORT="0")
    assert found["Database"]["message"] == f"File is not a SQLite database, or is corrupt: {file}."
    assert found["Database"]["hint"] == "Move the file away, or restore it from a backup."


def test_doctor_finds_an_unavailable_database_server(cli: Any) -> None:
    _, found = examine(cli, PORT="0", DATABASE_URL="postgresql://wall@127.0.0.1:1/wall")
    assert found["Database"]["status"] == "fail"
    assert found["Database"]["hint"] == "Start it, or wait for it. Check BACKCHANNEL_DATABASE_URL."


@pytest.mark.new_machine
def test_doctor_finds_a_database_that_was_never_migrated(cli: Any) -> None:
    (cli.folder / "data").mkdir()
    (cli.folder / "data" / "backchannel.db").touch()
    _, found = examine(cli, PORT="0")
    assert found["Database"]["hint"] == "The first wall creates its tables."


@pytest.mark.new_machine
def test_doctor_finds_a_data_folder_that_is_a_file(cli: Any) -> None:
    (cli.folder / "data").write_text("a file")
    _, found = examine(cli, PORT="0")
    assert found["Data folder"]["status"] == "fail"
    assert "Database" not in found


# --- its parts --------------------------------------------------------------------------------------------------


def test_a_port_of_another_program_fails(taken: int) -> None:
    [check] = machine.port("127.0.0.1", taken)
    assert check.status == Status.FAIL
    assert (
        check.message
        == "Address in use or permission denied: another program has it, or this user may not listen there."
    )
    assert check.hint.startswith(f"Choose another: `backchannel serve --port {taken + 1}`")


def test_a_port_of_a_running_backchannel_passes(wall_server: WallServer) -> None:
    [check] = machine.port("127.0.0.1", wall_server.port)
    assert (check.status, check.message) == (Status.OK, "used by a running Backchannel")


def test_a_free_port_passes() -> None:
    assert passed(list(machine.port("127.0.0.1", 0)))


def test_a_clock_behind_the_newest_row_fails() -> None:
    assert passed(machine.clock(None))
    assert passed(machine.clock(now()))
    [check] = machine.clock(now() + timedelta(hours=1))
    assert (check.status, check.hint) == (Status.FAIL, "Set this machine's clock, best by NTP.")


def test_the_data_folder_may_not_be_there_yet(tmp_path: Path) -> None:
    [check] = machine.data_folder(tmp_path / "a" / "b")
    assert check.status in {Status.OK, Status.WARN}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("megabytes", "status"), [(0, "fail"), (9.9, "fail"), (10, "warn"), (1023, "warn"), (1024, "ok")]
)
def test_a_data_folder_without_free_space_fails(tmp_path: Path, megabytes: float, status: str) -> None:
    check = machine.free_space(tmp_path, int(megabytes * 1024**2))
    assert (check.about, check.status) == ("Data folder", status)


async def test_a_database_on_a_full_disk_fails(tmp_path: Path) -> None:
    (tmp_path / "wall.db").touch()
    [check] = await machine.database(Settings(database_url=f"sqlite:///{tmp_path}/wall.db"), least=2**62)
    assert (check.about, check.status, check.hint) == ("Database", Status.FAIL, "Free some space on its disk.")


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        ((), "ok"),
        (("10.0.0.0/8", "localhost"), "ok"),
        (("10.0.0.0/8:8080", "localhost:8080"), "ok"),
        (("0.0.0.0/0",), "warn"),
        (("0.0.0.0/0:8080",), "warn"),
        (("::/0",), "warn"),
        (("[::/0]:8080",), "warn"),
    ],
)
def test_an_allow_list_that_allows_everything_is_a_warning(hosts: tuple[str, ...], status: str) -> None:
    guard, *_ = installation.allowed(Settings(allow_hosts=hosts))
    assert guard.status == status


def test_a_missing_contact_is_a_warning() -> None:
    assert [each.about for each in installation.allowed(Settings())] == ["Network guard", "Contact"]
    assert [each.about for each in installation.allowed(Settings(contact="mailto:desk@harbour26.example"))] == [
        "Network guard"
    ]


def test_a_connector_that_did_not_load_fails() -> None:
    whole, broken = installation.networks(Registry({}, ("The connector “x” from y can't be used: boom.",)))
    assert whole.status == Status.OK
    assert (broken.status, broken.message) == (Status.FAIL, "The connector “x” from y can't be used: boom.")


def test_variables_of_the_tests_and_the_build_are_not_misspelt_settings() -> None:
    assert list(installation.misspelt({"BACKCHANNEL_TEST_BROWSER": "x", "PATH": "y", "BACKCHANNEL_PORT": "1"})) == []


def test_libraries_are_all_there_where_backchannel_is_installed() -> None:
    try:
        expected = Status.OK if version("backchannel") else Status.FAIL
    except PackageNotFoundError:
        expected = Status.WARN
    assert [each.status for each in installation.libraries()] == [expected]
