"""All commands: errors in one sentence, and readable figures."""

from __future__ import annotations

import errno
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import typer
from rich.console import Console

from aggregator.timestamps import now
from tests.postgres import Postgres
from web.cli.output import ago, ahead, duration, print_table, strip_control, table
from web.cli.run import sentences


def test_invalid_settings_are_one_sentence_each(cli: Any) -> None:
    cli.environment |= {"BACKCHANNEL_PORT": "eighty", "BACKCHANNEL_LOG_LEVEL": "loud"}
    assert cli.refused("walls").splitlines() == [
        "BACKCHANNEL_PORT: it must be a whole number, such as 3.",
        "BACKCHANNEL_LOG_LEVEL: it must be debug, info, warning or error.",
    ]


START_IT = "Start it, or wait for it. Check BACKCHANNEL_DATABASE_URL."


def test_an_unavailable_database_is_one_sentence(cli: Any) -> None:
    cli.environment["BACKCHANNEL_DATABASE_URL"] = "postgresql://wall:s3cret@127.0.0.1:1/wall"
    for command in (["walls"], ["poll", "--once"], ["serve"]):
        assert cli.refused(*command) == f"No response from the database server at 127.0.0.1. {START_IT}"


def test_a_missing_database_is_one_sentence(cli: Any, postgres: Postgres) -> None:
    cli.environment["BACKCHANNEL_DATABASE_URL"] = postgres.url("nobody_made_it")
    message, hint = (
        "Database does not exist on the server at 127.0.0.1.",
        "Create it, for example with createdb. Check BACKCHANNEL_DATABASE_URL.",
    )
    assert cli.refused("walls") == f"{message} {hint}"
    assert f"✗ Database  {message}\n    → {hint}\n" in cli.run("doctor", code=1).stdout


@pytest.mark.new_machine
def test_a_data_folder_that_cannot_be_created_is_one_sentence(cli: Any) -> None:
    (cli.folder / "data").write_text("a file")
    for command in (["walls"], ["poll", "--once"], ["serve"]):
        assert cli.refused(*command) == (
            f"BACKCHANNEL_DATA_DIR: not a folder: “{cli.folder}/data” is a file or lies below one; name a folder."
        )


def test_a_database_of_a_newer_version_is_one_sentence(cli: Any) -> None:
    cli("wall", "create", "quay", "--name", "Quay")
    change = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit(); c.close()"
    file = str(cli.folder / "data" / "backchannel.db")
    subprocess.run(
        [sys.executable, "-c", change, file, "UPDATE alembic_version SET version_num = '9999'"], check=True, timeout=20
    )
    assert cli.refused("walls").startswith("Unknown database version 9999: it was written by a newer Backchannel.")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "", "s.webp"), "“s.webp” can't be written: disk full. Free some space."),
        (
            PermissionError(errno.EACCES, "", "m"),
            "“m” can't be used: permission denied. Give this user the right to read and write there.",
        ),
        (FileNotFoundError(errno.ENOENT, "", "m"), "No such file: “m”."),
        (IsADirectoryError(errno.EISDIR, "", "m"), "“m” is a folder, not a file."),
        (
            OSError(errno.EIO, "I/O error"),
            "A file can't be used (I/O error): check the file and its disk.",
        ),
    ],
)
def test_trouble_with_a_file_is_no_trouble_with_the_database(
    error: OSError, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit), sentences():
        raise error
    assert capsys.readouterr().err == f"{sentence}\n"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.4, "0 s"), (59.9, "59 s"), (60, "1 min"), (7200, "2 h"), (200_000, "2 d")]
)
def test_span_is_the_largest_unit_that_fits(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_ago_and_ahead_are_seen_from_now() -> None:
    assert ago(None) == "never"
    assert ago(now() - timedelta(minutes=5)) == "5 min ago"
    assert ahead(now() - timedelta(minutes=5)) == "now"
    assert ahead(now() + timedelta(minutes=5, seconds=1)) == "in 5 min"


def test_table_fits_a_narrow_screen_and_hides_no_part_of_an_address() -> None:
    address = f"https://quay.example/{'news/' * 20}feed.xml"
    screen = Console(file=StringIO(), width=80)
    with screen.capture() as shown:
        screen.print(table(["id", "source", "health"], [["1", address, "ok"]]))
    lines = shown.get().splitlines()
    assert max(map(len, lines)) <= 80
    assert "".join(line[4:].split("  ")[0].strip() for line in lines[1:]) == address


def test_harmless_keeps_words_of_every_script_and_drops_what_steers() -> None:
    kept = "Grüße, مرحبا, 会議 👩‍🚀\n\tnext"
    assert strip_control(kept) == kept
    assert strip_control("a\x07b\x1b]0;c\u2066d\r") == "ab]0;cd"


def test_table_breaks_no_word_on_a_narrow_terminal() -> None:
    headings = ["id", "network", "source", "last success", "health"]
    row: list[str | tuple[str, str]] = ["1", "Mastodon", "#harbour26 on mastodon.example", "3 min ago", ("ok", "green")]
    screen = Console(file=StringIO(), width=45)
    print_table(screen, headings, [row])
    assert isinstance(screen.file, StringIO)
    assert [line.rstrip() for line in screen.file.getvalue().splitlines()] == [
        "id            1",
        "network       Mastodon",
        "source        #harbour26 on mastodon.example",
        "last success  3 min ago",
        "health        ok",
        "",
    ]
    wide = Console(file=StringIO(), width=50)
    print_table(wide, headings, [row])
    assert isinstance(wide.file, StringIO)
    shown = wide.file.getvalue()
    assert shown.startswith("id  network")
    assert [
        word for cell in row for word in (cell if isinstance(cell, str) else cell[0]).split() if word not in shown
    ] == []
