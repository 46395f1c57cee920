"""What `doctor` finds on a machine, and what it says to do about it."""

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
    """A port on which somebody else listens, and says nothing."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port: int = other.getsockname()[1]
        yield port


def examine(cli: Any, **settings: str) -> tuple[int, dict[str, dict[str, str]]]:
    """The doctor's exit code, and what was found by what it is about."""
    cli.environment |= {f"BACKCHANNEL_{name}": value for name, value in settings.items()}
    result = cli.run("doctor", "--json", code=None)
    return result.exit_code, {each["about"]: each for each in json.loads(result.stdout)}


def well(findings: list[Check]) -> bool:
    return all(finding.verdict == Status.OK for finding in findings)


# --- the command ------------------------------------------------------------------------------------------------


def test_doctor_finds_a_new_installation_fit_to_begin(cli: Any) -> None:
    _, found = examine(cli, PORT="0", CONTACT="https://harbour26.example/")
    assert found["Database"]["verdict"] == "note"
    assert found["Database"]["says"] == f"It is not there yet: {cli.folder}/data/backchannel.db."
    assert not (cli.folder / "data").exists()
    unwell = {about for about, each in found.items() if each["verdict"] == "mend"}
    assert unwell <= {"Browser side"}  # a checkout may not have been built yet


def test_doctor_s_exit_code_says_whether_something_must_be_mended(cli: Any) -> None:
    code, found = examine(cli, PORT="0")
    assert code == int(any(each["verdict"] == "mend" for each in found.values()))
    assert examine(cli, PROT="1")[0] == 1


def test_doctor_explains_each_setting_with_its_value_and_where_that_comes_from(cli: Any) -> None:
    _, found = examine(cli, PORT="0", ALLOW_HOSTS="10.0.0.0/8,localhost")
    for name, field in Settings.model_fields.items():
        assert found[f"BACKCHANNEL_{name.upper()}"]["says"].endswith(f")  {field.description}")
    assert found["BACKCHANNEL_ALLOW_HOSTS"]["says"].startswith("10.0.0.0/8, localhost  (environment)  ")
    assert found["BACKCHANNEL_HOST"]["says"].startswith("127.0.0.1  (default)  ")
    assert found["BACKCHANNEL_CONTACT"]["says"].startswith("(empty)  (default)  ")


def test_doctor_tells_people_of_settings_that_were_given_and_of_all_when_asked(cli: Any) -> None:
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


def test_doctor_says_what_to_mend_to_people_too(cli: Any) -> None:
    cli.environment |= {"BACKCHANNEL_PROT": "9000", "BACKCHANNEL_PORT": "0"}
    lines = cli.run("doctor", code=1).stdout.splitlines()
    at = lines.index("✗ BACKCHANNEL_PROT  There is no such setting.")
    assert lines[at + 1] == "    → Correct its spelling, or unset it."
    assert lines[-1] in {"1 thing to mend.", "2 things to mend."}


def test_doctor_names_each_bad_setting_and_stops_there(cli: Any) -> None:
    code, found = examine(cli, PORT="eighty", LOG_LEVEL="loud")
    assert code == 1
    assert found["BACKCHANNEL_PORT"]["says"] == "it must be a whole number, such as 3."
    assert found["BACKCHANNEL_LOG_LEVEL"]["verdict"] == "mend"
    assert "Database" not in found


def test_doctor_finds_a_database_in_use_well(cli: Any) -> None:
    cli.play({"text": "one"})
    _, found = examine(cli, PORT="0")
    assert found["Database"] == {"about": "Database", "verdict": "well", "says": "sqlite, up to date", "mend": ""}
    assert found["Clock"]["verdict"] == "well"


def test_doctor_finds_a_clock_that_is_behind_the_newest_post(cli: Any) -> None:
    cli.play({"text": "one"}, {"text": "two"})
    asyncio.run(date_the_second(f"sqlite:///{cli.folder}/data/backchannel.db", now() + timedelta(hours=1)))
    _, found = examine(cli, PORT="0")
    assert found["Clock"]["mend"] == "Set this machine's clock, best by NTP."


async def date_the_second(url: str, moment: datetime) -> None:
    store = Store(url)
    async with store.write() as db:
        await db.exec(update(StoredPost).where(col(StoredPost.n) == 2).values(first_seen_at=moment))
    await store.close()


def test_doctor_finds_a_file_that_is_no_database(cli: Any) -> None:
    (cli.folder / "data").mkdir()
    file = cli.folder / "data" / "backchannel.db"
    file.write_text("These are my notes. " * 100)
    _, found = examine(cli, PORT="0")
    assert found["Database"]["says"] == f"File is not a SQLite database, or is corrupt: {file}."
    assert found["Database"]["mend"] == "Move the file away, or restore it from a backup."


def test_doctor_finds_a_database_server_that_is_away(cli: Any) -> None:
    _, found = examine(cli, PORT="0", DATABASE_URL="postgresql://wall@127.0.0.1:1/wall")
    assert found["Database"]["verdict"] == "mend"
    assert found["Database"]["mend"] == "Start it, or wait for it. Check BACKCHANNEL_DATABASE_URL."


def test_doctor_finds_a_database_that_was_never_migrated(cli: Any) -> None:
    (cli.folder / "data").mkdir()
    (cli.folder / "data" / "backchannel.db").touch()
    _, found = examine(cli, PORT="0")
    assert found["Database"]["mend"] == "The first wall makes its tables."


def test_doctor_finds_a_data_folder_that_cannot_be_one(cli: Any) -> None:
    (cli.folder / "data").write_text("a file")
    _, found = examine(cli, PORT="0")
    assert found["Data folder"]["verdict"] == "mend"
    assert "Database" not in found


# --- its parts --------------------------------------------------------------------------------------------------


def test_a_port_that_somebody_else_has_is_to_mend(taken: int) -> None:
    [finding] = machine.port("127.0.0.1", taken)
    assert finding.verdict == Status.FAIL
    assert finding.message == "It cannot be used: another program has it, or this user may not listen there."
    assert finding.hint.startswith(f"Choose another: `backchannel serve --port {taken + 1}`")


def test_a_port_on_which_a_backchannel_serves_is_well(wall_server: WallServer) -> None:
    [finding] = machine.port("127.0.0.1", wall_server.port)
    assert (finding.verdict, finding.message) == (Status.OK, "a Backchannel is serving there")


def test_a_free_port_is_well() -> None:
    assert well(list(machine.port("127.0.0.1", 0)))


def test_a_clock_behind_what_is_stored_is_to_mend() -> None:
    assert well(machine.clock(None))
    assert well(machine.clock(now()))
    [finding] = machine.clock(now() + timedelta(hours=1))
    assert (finding.verdict, finding.hint) == (Status.FAIL, "Set this machine's clock, best by NTP.")


def test_the_data_folder_may_not_be_there_yet(tmp_path: Path) -> None:
    [finding] = machine.data_folder(tmp_path / "a" / "b")
    assert finding.verdict in {Status.OK, Status.WARN}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("megabytes", "verdict"), [(0, "mend"), (9.9, "mend"), (10, "note"), (1023, "note"), (1024, "well")]
)
def test_a_data_folder_without_room_is_to_mend(tmp_path: Path, megabytes: float, verdict: str) -> None:
    finding = machine.room(tmp_path, int(megabytes * 1024**2))
    assert (finding.about, finding.verdict) == ("Data folder", verdict)


async def test_a_database_without_room_on_its_disk_is_to_mend(tmp_path: Path) -> None:
    (tmp_path / "wall.db").touch()
    [finding] = await machine.database(Settings(database_url=f"sqlite:///{tmp_path}/wall.db"), least=2**62)
    assert (finding.about, finding.verdict, finding.hint) == ("Database", Status.FAIL, "Free some space on its disk.")


@pytest.mark.parametrize(
    ("hosts", "verdict"),
    [
        ((), "well"),
        (("10.0.0.0/8", "localhost"), "well"),
        (("10.0.0.0/8:8080", "localhost:8080"), "well"),
        (("0.0.0.0/0",), "note"),
        (("0.0.0.0/0:8080",), "note"),
        (("::/0",), "note"),
        (("[::/0]:8080",), "note"),
    ],
)
def test_an_allow_list_that_allows_everything_is_worth_a_note(hosts: tuple[str, ...], verdict: str) -> None:
    guard, *_ = installation.allowed(Settings(allow_hosts=hosts))
    assert guard.verdict == verdict


def test_a_contact_is_asked_for_once() -> None:
    assert [each.about for each in installation.allowed(Settings())] == ["Guard", "Contact"]
    assert [each.about for each in installation.allowed(Settings(contact="mailto:desk@harbour26.example"))] == ["Guard"]


def test_a_connector_that_did_not_load_is_to_mend() -> None:
    whole, broken = installation.networks(Registry({}, ("The connector “x” from y can't be used: boom.",)))
    assert whole.verdict == Status.OK
    assert (broken.verdict, broken.message) == (Status.FAIL, "The connector “x” from y can't be used: boom.")


def test_variables_of_the_tests_and_the_build_are_not_misspelt_settings() -> None:
    assert list(installation.misspelt({"BACKCHANNEL_TEST_BROWSER": "x", "PATH": "y", "BACKCHANNEL_PORT": "1"})) == []


def test_libraries_are_all_there_where_backchannel_is_installed() -> None:
    try:
        expected = Status.OK if version("backchannel") else Status.FAIL
    except PackageNotFoundError:
        expected = Status.WARN
    assert [each.verdict for each in installation.libraries()] == [expected]
